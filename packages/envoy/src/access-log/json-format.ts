/** json_format: an object a line, keys sorted, single operators with their own type. */
import { bytesOf, compileFormat } from "../formatter/compile-format.ts";
import { FormatError, type Operand } from "../formatter/formatter.ts";
import { structJson } from "../formatter/struct-json.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import { bytesJson } from "./bytes-json.ts";
import { shortestNumber } from "./shortest-number.ts";

/** Undefined: to be left out. */
type WriteValue = (info: StreamInfo) => string | undefined;

export function compileJsonFormat(
  format: Readonly<Record<string, unknown>>,
  omitEmpty: boolean,
): (info: StreamInfo) => string {
  const write = compileObject(format, omitEmpty);
  return (info) => `${Buffer.from(write(info) ?? "{}").toString("latin1")}\n`;
}

function compileValue(value: unknown, omitEmpty: boolean): WriteValue {
  if (typeof value === "string") return compileText(value, omitEmpty);
  if (Array.isArray(value)) return compileList(value, omitEmpty);
  if (typeof value === "object" && value !== null)
    return compileObject(value as Readonly<Record<string, unknown>>, omitEmpty);
  if (typeof value === "number" || typeof value === "boolean") {
    const text = typeof value === "number" ? shortestNumber(value) : String(value);
    return () => text;
  }
  throw new FormatError(
    "Only string values, nested structs, list values and number values are supported in structured access log format.",
  );
}

function compileObject(format: Readonly<Record<string, unknown>>, omitEmpty: boolean): WriteValue {
  const fields = Object.entries(format)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({
      key: `${JSON.stringify(key)}:`,
      write: compileValue(value, omitEmpty),
    }));
  return (info) => {
    let json = "";
    for (const { key, write } of fields) {
      const value = write(info);
      if (value !== undefined) json += (json === "" ? "" : ",") + key + value;
    }
    return json === "" && omitEmpty ? undefined : `{${json}}`;
  };
}

function compileList(items: readonly unknown[], omitEmpty: boolean): WriteValue {
  const writers = items.map((item) => compileValue(item, omitEmpty));
  return (info) => {
    const values = writers.map((write) => write(info)).filter((value) => value !== undefined);
    return `[${values.join(",")}]`;
  };
}

function compileText(text: string, omitEmpty: boolean): WriteValue {
  const { parts } = compileFormat(text);
  const [first] = parts;
  if (parts.length === 1 && typeof first === "object")
    return (info) => {
      const value = first.operator(info);
      if (value !== undefined) return operandJson(value);
      return omitEmpty ? undefined : "null";
    };
  const missing = omitEmpty ? "" : "-";
  const writers = parts.map((part): ((info: StreamInfo) => string) => {
    if (typeof part !== "string") return (info) => inner(bytesOf(part, info, missing));
    const literal = inner(part);
    return () => literal;
  });
  return (info) => {
    let json = '"';
    for (const write of writers) json += write(info);
    return `${json}"`;
  };
}

function operandJson(value: Exclude<Operand, undefined>): string {
  if (typeof value === "string") return bytesJson(value);
  return typeof value === "object" ? structJson(value) : String(value);
}

/** What stands between the quotes. Each part is judged by itself on whether it is UTF-8. */
function inner(bytes: string): string {
  return bytesJson(bytes).slice(1, -1);
}
