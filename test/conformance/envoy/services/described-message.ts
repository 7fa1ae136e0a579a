/** Protobuf messages as plain objects, by the names of their fields. */
import { ProtobufMessage } from "../rig/protobuf-reader.ts";

export type Shape = Readonly<Record<number, readonly [name: string, kind: Kind]>>;
/** "int": signed, as int32 and int64 are written. */
export type Kind = "text" | "number" | "int" | "bytes" | "map" | "time" | Shape;

/** Repeated fields become lists where they come more than once. */
export function describe(message: ProtobufMessage, shape: Shape): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [number, value] of message.fields) {
    const [name, kind] = shape[number] ?? [`field ${number}`, "bytes" as const];
    const known = result[name];
    if (kind === "map") result[name] = sorted({ ...(known as object), ...entry(value as Buffer) });
    else if (known !== undefined) result[name] = [known, read(value, kind)].flat();
    else result[name] = read(value, kind);
  }
  return result;
}

function read(value: bigint | Buffer, kind: Exclude<Kind, "map">): unknown {
  if (typeof value === "bigint")
    return kind === "int" ? Number(BigInt.asIntN(64, value)) : Number(value);
  if (kind === "time") return isNow(new ProtobufMessage(value)) ? "<now>" : "another time";
  if (kind === "text") return value.toString("utf8");
  if (typeof kind === "string") return value.toString("latin1");
  return describe(new ProtobufMessage(value), kind);
}

/** A google.protobuf.Timestamp of our days. */
function isNow(time: ProtobufMessage): boolean {
  return (time.number(1) ?? 0) > 1_700_000_000 && (time.number(2) ?? 0) < 1_000_000_000;
}

function entry(bytes: Buffer): Record<string, string> {
  const pair = new ProtobufMessage(bytes);
  return { [pair.text(1) ?? ""]: pair.text(2) ?? "" };
}

function sorted(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
