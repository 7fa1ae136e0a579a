import { DecodeError } from "../model/decode-error.ts";
import type { Span } from "../model/span.ts";
import { JsonNumber, parseJsonExactly } from "./json-exact.ts";
import { asArray, asBoolean, asLong, asObject, asString, type JsonObject } from "./json-fields.ts";
import {
  type OtlpAttributes,
  type OtlpEvent,
  type OtlpOrigin,
  type OtlpSpan,
  type OtlpTime,
  type OtlpValue,
  otlpToZipkin,
} from "./otlp-span.ts";

/** The JSON form of OTLP: ids in hex, 64-bit integers as text, enumerations as numbers. */
export function decodeOtlpJson(body: Buffer): Span[] {
  const spans: Span[] = [];
  const request = asObject(parseJsonExactly(body.toString("utf8")), "$");
  for (const [resourceSpans, at] of items(request, "resourceSpans", "$")) {
    const resource = attributesOf(object(resourceSpans, "resource", at), `${at}.resource`);
    for (const [scopeSpans, scopeAt] of items(resourceSpans, "scopeSpans", at)) {
      const scope = object(scopeSpans, "scope", scopeAt);
      const origin: OtlpOrigin = {
        resource,
        scopeName: text(scope, "name", `${scopeAt}.scope`),
        scopeVersion: text(scope, "version", `${scopeAt}.scope`),
      };
      for (const [span, spanAt] of items(scopeSpans, "spans", scopeAt)) {
        spans.push(otlpToZipkin(readSpan(span, spanAt), origin));
      }
    }
  }
  return spans;
}

/** Values inside values. */
const MAX_DEPTH = 32;

function readSpan(raw: JsonObject, at: string): OtlpSpan {
  const status = object(raw, "status", at);
  return {
    traceId: text(raw, "traceId", at).toLowerCase(),
    spanId: text(raw, "spanId", at).toLowerCase(),
    parentSpanId: text(raw, "parentSpanId", at).toLowerCase(),
    traceState: text(raw, "traceState", at),
    name: text(raw, "name", at),
    kind: enumeration(raw, "kind", at, kindNames),
    start: time(raw, "startTimeUnixNano", at),
    end: time(raw, "endTimeUnixNano", at),
    attributes: attributesOf(raw, at),
    events: items(raw, "events", at).map(([event, eventAt]) => readEvent(event, eventAt)),
    statusCode: enumeration(status, "code", `${at}.status`, statusNames),
    statusMessage: text(status, "message", `${at}.status`),
    droppedAttributes: integer(raw, "droppedAttributesCount", at),
    droppedEvents: integer(raw, "droppedEventsCount", at),
  };
}

function readEvent(raw: JsonObject, at: string): OtlpEvent {
  return {
    time: time(raw, "timeUnixNano", at),
    name: text(raw, "name", at),
    attributes: attributesOf(raw, at),
  };
}

const kindNames: readonly string[] = [
  "SPAN_KIND_UNSPECIFIED",
  "SPAN_KIND_INTERNAL",
  "SPAN_KIND_SERVER",
  "SPAN_KIND_CLIENT",
  "SPAN_KIND_PRODUCER",
  "SPAN_KIND_CONSUMER",
];
const statusNames: readonly string[] = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"];

/** Names are no valid OTLP, but some libraries for protobuf write them. */
function enumeration(raw: JsonObject, name: string, at: string, names: readonly string[]): number {
  const value = raw[name];
  return typeof value === "string" && names.includes(value)
    ? names.indexOf(value)
    : integer(raw, name, at);
}

function items(raw: JsonObject, name: string, at: string): [JsonObject, string][] {
  const list = raw[name];
  if (list === undefined || list === null) return [];
  return asArray(list, `${at}.${name}`).map((item, i) => {
    const itemAt = `${at}.${name}[${i}]`;
    return [asObject(item, itemAt), itemAt];
  });
}

function object(raw: JsonObject, name: string, at: string): JsonObject {
  const value = raw[name];
  return value === undefined || value === null ? {} : asObject(value, `${at}.${name}`);
}

function text(raw: JsonObject, name: string, at: string): string {
  const value = raw[name];
  return value === undefined || value === null ? "" : asString(value, `${at}.${name}`);
}

function integer(raw: JsonObject, name: string, at: string): number {
  const value = raw[name];
  return value === undefined || value === null ? 0 : asLong(value, `${at}.${name}`);
}

/** Nanoseconds have more digits than a number holds: cut as text. */
function time(raw: JsonObject, name: string, at: string): OtlpTime {
  const value = raw[name];
  const digits = value instanceof JsonNumber ? value.text : (value ?? "0");
  if (typeof digits !== "string" || !/^\d{1,20}$/.test(digits)) {
    throw new DecodeError(`Expected nanoseconds as digits at ${at}.${name}`);
  }
  return { micros: Number(digits.slice(0, -3)), nanos: Number(digits.slice(-3)) };
}

function attributesOf(raw: JsonObject, at: string): OtlpAttributes {
  const attributes = new Map<string, OtlpValue>();
  for (const [item, itemAt] of items(raw, "attributes", at)) {
    attributes.set(text(item, "key", itemAt), readValue(item["value"], `${itemAt}.value`, 0));
  }
  return attributes;
}

function readValue(raw: unknown, at: string, depth: number): OtlpValue {
  if (depth > MAX_DEPTH) throw new DecodeError(`Malformed: nested deeper than ${MAX_DEPTH} values`);
  if (raw === undefined || raw === null) return "";
  const value = asObject(raw, at);
  if (value["stringValue"] !== undefined) return asString(value["stringValue"], at);
  if (value["boolValue"] !== undefined) return asBoolean(value["boolValue"], at);
  if (value["bytesValue"] !== undefined) return asString(value["bytesValue"], at);
  if (value["intValue"] !== undefined) return readInteger(asString(value["intValue"], at));
  if (value["doubleValue"] !== undefined) return readNumber(asString(value["doubleValue"], at));
  if (value["arrayValue"] !== undefined) {
    return items(object(value, "arrayValue", at), "values", at).map(([item, itemAt]) =>
      readValue(item, itemAt, depth + 1),
    );
  }
  const entries = items(object(value, "kvlistValue", at), "values", at).map(
    ([item, itemAt]): [string, OtlpValue] => [
      text(item, "key", itemAt),
      readValue(item["value"], itemAt, depth + 1),
    ],
  );
  return Object.fromEntries(entries);
}

/** As text beyond what a number holds exactly, the same as from protobuf. */
function readInteger(digits: string): OtlpValue {
  const number = readNumber(digits);
  return typeof number === "number" && !Number.isSafeInteger(number) ? digits : number;
}

/** Kept as text where a number would lose digits, or is none ("NaN", "Infinity"). */
function readNumber(digits: string): OtlpValue {
  const number = Number(digits);
  return Number.isFinite(number) && String(number) === digits ? number : digits;
}
