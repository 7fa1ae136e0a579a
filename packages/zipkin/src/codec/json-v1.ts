import { DecodeError } from "../model/decode-error.ts";
import type { Span } from "../model/span.ts";
import { asArray, asLong, asObject, asString } from "./json-fields.ts";
import { decodeJsonList } from "./json-list.ts";
import { optionalBoolean, optionalLong, optionalString, readEndpoint } from "./json-v2.ts";
import { convertV1 } from "./v1-convert.ts";
import {
  lowHalf,
  requireIds,
  type V1Annotation,
  type V1BinaryAnnotation,
  type V1Span,
  wholeTraceId,
} from "./v1-span.ts";

/** The v1 list form, as older tracers post it. */
export function decodeJsonV1(body: Buffer): Span[] {
  return decodeJsonList(body, (item, path, into) => {
    for (const span of convertV1(readSpan(item, path))) into.push(span);
  });
}

function readSpan(item: unknown, path: string): V1Span {
  const raw = asObject(item, path);
  const traceId =
    raw["traceId"] === undefined
      ? undefined
      : wholeTraceId(asString(raw["traceId"], `${path}.traceId`));
  const id = raw["id"] === undefined ? undefined : lowHalf(asString(raw["id"], `${path}.id`));
  requireIds(traceId, id);
  const parentId = optionalString(raw["parentId"], path, "parentId");
  return {
    traceId: traceId ?? "",
    id: id ?? "",
    parentId: parentId === undefined ? undefined : lowHalf(parentId),
    name: optionalString(raw["name"], path, "name"),
    timestamp: optionalLong(raw["timestamp"], path, "timestamp") ?? 0,
    duration: optionalLong(raw["duration"], path, "duration") ?? 0,
    annotations: listOf(raw["annotations"], `${path}.annotations`).map(readAnnotation),
    binaryAnnotations: listOf(raw["binaryAnnotations"], `${path}.binaryAnnotations`).flatMap(
      readBinaryAnnotation,
    ),
    debug: optionalBoolean(raw["debug"], path, "debug") ?? false,
  };
}

interface Item {
  readonly value: unknown;
  readonly path: string;
}

function listOf(value: unknown, path: string): Item[] {
  if (value === undefined || value === null) return [];
  return asArray(value, path).map((item, i) => ({ value: item, path: `${path}[${i}]` }));
}

function readAnnotation({ value: item, path }: Item): V1Annotation {
  const raw = asObject(item, path);
  const { timestamp, value } = raw;
  if (timestamp === undefined || value === undefined) {
    throw new DecodeError(`Incomplete annotation at ${lastKey(raw, path)}`);
  }
  return {
    timestamp: asLong(timestamp, `${path}.timestamp`),
    value: asString(value, `${path}.value`),
    endpoint: readEndpoint(raw["endpoint"], path, "endpoint"),
  };
}

/** Only texts become tags, and only true makes an address. */
function readBinaryAnnotation({ value: item, path }: Item): V1BinaryAnnotation[] {
  const raw = asObject(item, path);
  const key = optionalString(raw["key"], path, "key");
  if (key === undefined) throw new DecodeError(`No key at ${lastKey(raw, path)}`);
  const value = raw["value"];
  const endpoint = readEndpoint(raw["endpoint"], path, "endpoint");
  if (typeof value === "string") return [{ key, value, endpoint }];
  const isAddress = key === "sa" || key === "ca" || key === "ma";
  return value === true && isAddress && endpoint !== undefined
    ? [{ key, value: undefined, endpoint }]
    : [];
}

function lastKey(raw: object, path: string): string {
  const last = Object.keys(raw).at(-1);
  return last === undefined ? path : `${path}.${last}`;
}
