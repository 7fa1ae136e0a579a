import { sortAnnotations, sortTags } from "../model/create-span.ts";
import { DecodeError } from "../model/decode-error.ts";
import { type EncodedSpans, encodeSpans } from "../model/encoded-spans.ts";
import { normaliseEndpoint } from "../model/endpoint.ts";
import type { Annotation, Endpoint, Span } from "../model/span.ts";
import { asArray, asInt, asLong, asObject, asString } from "./json-fields.ts";
import { decodeJsonV2Exactly } from "./json-v2-exact.ts";
import { scanJsonV2 } from "./json-v2-scanner.ts";

/** The v2 list form: what current tracers post. */
export function readJsonV2(body: Buffer): EncodedSpans {
  return scanJsonV2(body) ?? encodeSpans(decodeJsonV2(body));
}

export function decodeJsonV2(body: Buffer): Span[] {
  return decodeJsonV2Exactly(body);
}

export function optionalString(value: unknown, path: string, name: string): string | undefined {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? undefined : asString(value, `${path}.${name}`);
}

export function optionalLong(value: unknown, path: string, name: string): number | undefined {
  return value === undefined || value === null ? undefined : asLong(value, `${path}.${name}`);
}

export function readEndpoint(value: unknown, path: string, name: string): Endpoint | undefined {
  if (value === undefined || value === null) return undefined;
  const at = `${path}.${name}`;
  const raw = asObject(value, at);
  const port = raw["port"];
  return normaliseEndpoint({
    serviceName: optionalString(raw["serviceName"], at, "serviceName"),
    ipv4: optionalString(raw["ipv4"], at, "ipv4"),
    ipv6: optionalString(raw["ipv6"], at, "ipv6"),
    port: port === undefined || port === null ? undefined : asInt(port, `${at}.port`),
  });
}

function readAnnotations(value: unknown, path: string): readonly Annotation[] | undefined {
  if (value === undefined || value === null) return undefined;
  const at = `${path}.annotations`;
  return asArray(value, at).map((item, i) => readAnnotation(item, `${at}[${i}]`));
}

/** Both halves are required. The path names the last key that was read, as Zipkin's does. */
function readAnnotation(item: unknown, path: string): Annotation {
  const raw = asObject(item, path);
  const timestamp = optionalLong(raw["timestamp"], path, "timestamp");
  const value = optionalString(raw["value"], path, "value");
  if (timestamp === undefined || value === undefined) {
    const last = Object.keys(raw).at(-1);
    const at = last === undefined ? path : `${path}.${last}`;
    throw new DecodeError(`Incomplete annotation at ${at}`);
  }
  return { timestamp, value };
}

/** Hands the parsed object itself on when it holds nothing but text. */
function readTags(value: unknown, path: string): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined;
  const at = `${path}.tags`;
  const raw = asObject(value, at);
  if (isTextOnly(raw)) return raw;
  return Object.fromEntries(
    Object.entries(raw).map(([key, tag]) => {
      if (tag === null) throw new DecodeError(`No value at ${at}.${key}`);
      return [key, asString(tag, `${at}.${key}`)];
    }),
  );
}

function isTextOnly(raw: Readonly<Record<string, unknown>>): raw is Record<string, string> {
  for (const key in raw) if (typeof raw[key] !== "string") return false;
  return true;
}

/** The parts of a span as they are stored; undefined when there is nothing to store. */
export function encodeName(value: unknown): string | undefined {
  const name = optionalString(value, "", "name");
  return name === undefined || name === "" ? undefined : JSON.stringify(name.toLowerCase());
}

export function encodeEndpoint(value: unknown): string | undefined {
  return JSON.stringify(readEndpoint(value, "", "endpoint"));
}

export function encodeAnnotations(value: unknown): string | undefined {
  const annotations = readAnnotations(value, "");
  const isNone = annotations === undefined || annotations.length === 0;
  return isNone ? undefined : JSON.stringify(sortAnnotations(annotations));
}

export function encodeTags(value: unknown): string | undefined {
  const tags = readTags(value, "");
  return tags === undefined ? undefined : JSON.stringify(sortTags(tags));
}
