import { createSpan } from "../model/create-span.ts";
import { DecodeError } from "../model/decode-error.ts";
import { normaliseEndpoint } from "../model/endpoint.ts";
import { type Annotation, type Endpoint, type Kind, kinds, type Span } from "../model/span.ts";
import { asArray, asBoolean, asInt, asLong, asObject, asString } from "./json-fields.ts";
import { decodeJsonList } from "./json-list.ts";

/** The v2 list form: what current tracers post. */
export function decodeJsonV2(body: Buffer): Span[] {
  return decodeJsonList(body, (item, path, into) => into.push(readSpan(item, path)));
}

function readSpan(item: unknown, path: string): Span {
  const raw = asObject(item, path);
  return createSpan({
    traceId: requiredString(raw["traceId"], path, "traceId"),
    id: requiredString(raw["id"], path, "id"),
    parentId: optionalString(raw["parentId"], path, "parentId"),
    kind: readKind(raw["kind"], path),
    name: optionalString(raw["name"], path, "name"),
    timestamp: optionalLong(raw["timestamp"], path, "timestamp"),
    duration: optionalLong(raw["duration"], path, "duration"),
    localEndpoint: readEndpoint(raw["localEndpoint"], path, "localEndpoint"),
    remoteEndpoint: readEndpoint(raw["remoteEndpoint"], path, "remoteEndpoint"),
    annotations: readAnnotations(raw["annotations"], path),
    tags: readTags(raw["tags"], path),
    debug: optionalBoolean(raw["debug"], path, "debug"),
    shared: optionalBoolean(raw["shared"], path, "shared"),
  });
}

/** Absent is told later, for both ids at once; null is not absent here. */
function requiredString(value: unknown, path: string, name: string): string | undefined {
  return typeof value === "string" || value === undefined
    ? value
    : asString(value, `${path}.${name}`);
}

export function optionalString(value: unknown, path: string, name: string): string | undefined {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? undefined : asString(value, `${path}.${name}`);
}

export function optionalLong(value: unknown, path: string, name: string): number | undefined {
  return value === undefined || value === null ? undefined : asLong(value, `${path}.${name}`);
}

export function optionalBoolean(value: unknown, path: string, name: string): boolean | undefined {
  return value === undefined || value === null ? undefined : asBoolean(value, `${path}.${name}`);
}

function readKind(value: unknown, path: string): Kind | undefined {
  const text = optionalString(value, path, "kind");
  if (text === undefined) return undefined;
  for (const kind of kinds) if (kind === text) return kind;
  throw new DecodeError(
    `No enum constant zipkin2.Span.Kind.${text.slice(0, 100)}: allowed are ${kinds.join(", ")}`,
  );
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
