import { DecodeError } from "../model/decode-error.ts";
import { JsonNumber } from "./json-exact.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

function isJsonObject(value: unknown): value is JsonObject {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof JsonNumber)
  );
}

export function asObject(value: unknown, path: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw wrongType("an object", value, path);
}

export function asArray(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrongType("an array", value, path);
}

export function asString(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  if (value instanceof JsonNumber) return value.text;
  throw wrongType("a string", value, path);
}

export function asBoolean(value: unknown, path: string): boolean {
  if (typeof value === "boolean") return value;
  throw wrongType("a boolean", value, path);
}

/** 64-bit integers, also as text. Beyond 2^53 the last digits are rounded. */
export function asLong(value: unknown, path: string): number {
  if (value instanceof JsonNumber) return toLong(value.text, path);
  if (typeof value !== "string") throw wrongType("a long", value, path);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) {
    throw new DecodeError(`For input string: ${JSON.stringify(value.slice(0, 100))} at ${path}`);
  }
  return toLong(value, path);
}

function toLong(text: string, path: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || Math.abs(number) > 2 ** 63) {
    throw new DecodeError(`Expected a long but was ${text.slice(0, 100)} at ${path}`);
  }
  return number === 0 ? 0 : number;
}

function wrongType(wanted: string, value: unknown, path: string): DecodeError {
  return new DecodeError(`Malformed: expected ${wanted} but was ${describe(value)} at ${path}`);
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (value instanceof JsonNumber) return "a number";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
