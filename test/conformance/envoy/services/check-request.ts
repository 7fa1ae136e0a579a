/** A CheckRequest as text that is the same from run to run. https://github.com/envoyproxy/envoy/blob/main/api/envoy/service/auth/v3/attribute_context.proto */
import { ProtobufMessage } from "../rig/protobuf-reader.ts";

type Shape = Readonly<Record<number, readonly [name: string, kind: Kind]>>;
type Kind = "text" | "number" | "bytes" | "map" | "time" | Shape;

const address: Shape = {
  1: [
    "socket_address",
    { 1: ["protocol", "number"], 2: ["address", "text"], 3: ["port_value", "number"] },
  ],
};
const peer: Shape = {
  1: ["address", address],
  2: ["service", "text"],
  3: ["labels", "map"],
  4: ["principal", "text"],
  5: ["certificate", "text"],
};
const http: Shape = {
  1: ["id", "text"],
  2: ["method", "text"],
  3: ["headers", "map"],
  4: ["path", "text"],
  5: ["host", "text"],
  6: ["scheme", "text"],
  9: ["size", "number"],
  10: ["protocol", "text"],
  11: ["body", "text"],
  12: ["raw_body", "bytes"],
  13: [
    "header_map",
    { 1: ["headers", { 1: ["key", "text"], 2: ["value", "text"], 3: ["raw_value", "bytes"] }] },
  ],
};
const checkRequest: Shape = {
  1: [
    "attributes",
    {
      1: ["source", peer],
      2: ["destination", peer],
      4: ["request", { 1: ["time", "time"], 2: ["http", http] }],
      10: ["context_extensions", "map"],
      11: ["metadata_context", { 1: ["filter_metadata", "bytes"] }],
      12: ["tls_session", { 1: ["sni", "text"] }],
      13: ["route_metadata_context", { 1: ["filter_metadata", "bytes"] }],
    },
  ],
};

/** Ports, the number of the stream, and request ids but for their reason. */
const masks: readonly (readonly [RegExp, string])[] = [
  [/"port_value":\d+/g, '"port_value":"<port>"'],
  [/"id":"\d+"/, '"id":"<number>"'],
  [/[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uuid-$1>"],
];

/** `body` is a frame, one character a byte. */
export function describeCheckRequest(body: string): string {
  const bytes = Buffer.from(body, "latin1");
  const description = describe(new ProtobufMessage(bytes.subarray(5)), checkRequest);
  const text = JSON.stringify({
    compressed: bytes[0],
    length: bytes.readUInt32BE(1) === bytes.length - 5,
    ...description,
  });
  return masks.reduce((masked, [pattern, mask]) => masked.replace(pattern, mask), text);
}

function describe(message: ProtobufMessage, shape: Shape): Record<string, unknown> {
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
  if (typeof value === "bigint") return Number(value);
  if (kind === "time") return isNow(new ProtobufMessage(value)) ? "<now>" : "another time";
  if (kind === "text") return value.toString("utf8");
  if (kind === "bytes" || kind === "number") return value.toString("latin1");
  return describe(new ProtobufMessage(value), kind);
}

/** Within the minute, and with a fraction that is one. */
function isNow(time: ProtobufMessage): boolean {
  const seconds = time.number(1) ?? 0;
  return seconds > 1_700_000_000 && (time.number(2) ?? 0) < 1_000_000_000;
}

function entry(bytes: Buffer): Record<string, string> {
  const pair = new ProtobufMessage(bytes);
  return { [pair.text(1) ?? ""]: pair.text(2) ?? "" };
}

function sorted(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
