import { putTag, sortAnnotations, sortTags } from "../model/create-span.ts";
import { DecodeError } from "../model/decode-error.ts";
import { normaliseParentId, normaliseSpanId, normaliseTraceId } from "../model/hex-id.ts";
import { type Annotation, type Kind, kinds, type Span } from "../model/span.ts";
import { beginSpan, endSpan, type IncomingSpan } from "./incoming-span.ts";
import { pullEndpoint } from "./json-endpoint.ts";
import { pullList } from "./json-list.ts";
import { JsonPull } from "./json-pull.ts";

/**
 * The v2 list form in the very order in which it is written, as Zipkin reads it: the first mistake is the
 * one that is told, a repeated property replaces what was there or adds to it.
 */
export function decodeJsonV2(body: Buffer): Span[] {
  const spans: Span[] = [];
  pullList(body, (json) => spans.push(pullSpan(json)));
  return spans;
}

function pullSpan(json: JsonPull): Span {
  const span = beginSpan();
  json.begin("object");
  while (json.hasNext()) pullProperty(json, span);
  json.end();
  return endSpan(span);
}

function pullProperty(json: JsonPull, span: IncomingSpan): void {
  const key = json.key();
  // Of all properties only these two may not be null.
  if (key === "traceId") span.traceId = normaliseTraceId(json.string());
  else if (key === "id") span.id = normaliseSpanId(json.string());
  else if (json.peek() === "null") json.skip();
  else pullOptional(json, key, span);
}

function pullOptional(json: JsonPull, key: string, span: IncomingSpan): void {
  switch (key) {
    case "parentId":
      span.parentId = normaliseParentId(json.string());
      return;
    case "kind":
      span.kind = kindOf(json.string());
      return;
    case "name":
      span.name = json.string();
      return;
    case "timestamp":
      span.timestamp = json.long();
      return;
    case "duration":
      span.duration = json.long();
      return;
    case "localEndpoint":
      span.localEndpoint = pullEndpoint(json);
      return;
    case "remoteEndpoint":
      span.remoteEndpoint = pullEndpoint(json);
      return;
    case "annotations":
      pullAnnotations(json, span.annotations);
      return;
    case "tags":
      pullTags(json, span.tags);
      return;
    case "debug":
      span.debug = json.boolean() || span.debug;
      return;
    case "shared":
      span.shared = json.boolean() || span.shared;
      return;
    default:
      json.skip();
  }
}

function kindOf(text: string): Kind {
  for (const kind of kinds) if (kind === text) return kind;
  throw new DecodeError(`No enum constant zipkin2.Span.Kind.${text}`);
}

function pullAnnotations(json: JsonPull, annotations: Annotation[]): void {
  json.begin("list");
  while (json.hasNext()) {
    let timestamp: number | undefined;
    let value: string | undefined;
    json.begin("object");
    while (json.hasNext()) {
      const key = json.key();
      if (key === "timestamp") timestamp = json.long();
      else if (key === "value") value = json.string();
      else json.skip();
    }
    if (timestamp === undefined || value === undefined) {
      throw new DecodeError(`Incomplete annotation at ${json.path}`);
    }
    json.end();
    annotations.push({ timestamp, value });
  }
  json.end();
}

function pullTags(json: JsonPull, tags: Record<string, string>): void {
  json.begin("object");
  while (json.hasNext()) {
    const key = json.key();
    if (json.peek() === "null") throw new DecodeError(`No value at ${json.path}`);
    putTag(tags, key, json.string());
  }
  json.end();
}

/** The JSON of one part of a span as it is stored; undefined when there is nothing to store. */
export type PartEncoder = (json: string) => string | undefined;

export const encodeName: PartEncoder = (json) => {
  const name = new JsonPull(json).string();
  return name === "" ? undefined : JSON.stringify(name.toLowerCase());
};

export const encodeEndpoint: PartEncoder = (json) =>
  JSON.stringify(pullEndpoint(new JsonPull(json)));

export const encodeAnnotations: PartEncoder = (json) => {
  const annotations: Annotation[] = [];
  pullAnnotations(new JsonPull(json), annotations);
  return annotations.length === 0 ? undefined : JSON.stringify(sortAnnotations(annotations));
};

export const encodeTags: PartEncoder = (json) => {
  const tags: Record<string, string> = {};
  pullTags(new JsonPull(json), tags);
  return JSON.stringify(sortTags(tags));
};
