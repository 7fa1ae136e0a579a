/** Zipkin's JSON v2, a span at a time, by building the string. https://zipkin.io/zipkin-api/#/default/post_spans */
import { jsonString } from "../json-string.ts";
import type { ZipkinSpan } from "./zipkin-span.ts";

export interface LocalEndpoint {
  /** The node's cluster; empty when there is none. */
  readonly serviceName: string;
  /** IP literal. */
  readonly address: string;
}

export type EncodeJson = (span: ZipkinSpan) => string;

/** Tag names come from a small set (our own and the config's), so their escaped form is kept. */
const keys = new Map<string, string>();

export function createJsonEncoder(endpoint: LocalEndpoint): EncodeJson {
  const local = encodeEndpoint(endpoint);
  return (span) => {
    const { context } = span;
    let json = `{"traceId":"${context.traceId}",`;
    if (context.parentId !== undefined) json += `"parentId":"${context.parentId}",`;
    json += `"id":"${context.id}","kind":"${span.kind}","name":${jsonString(span.name)},"timestamp":${span.timestampMicros},"duration":${span.durationMicros},"localEndpoint":${local},`;
    json += encodeAnnotations(span.annotations ?? []);
    json += encodeTags(span.tags);
    return span.shared ? `${json},"shared":true}` : `${json}}`;
  };
}

function encodeEndpoint({ serviceName, address }: LocalEndpoint): string {
  const name = serviceName === "" ? "" : `"serviceName":${jsonString(serviceName)},`;
  const family = address.includes(":") ? "ipv6" : "ipv4";
  return `{${name}"${family}":"${address}","port":0}`;
}

function encodeAnnotations(annotations: readonly (number | string)[]): string {
  let json = '"annotations":[';
  for (let i = 0; i < annotations.length; i += 2) {
    json += `${i === 0 ? "" : ","}{"timestamp":${annotations[i]},"value":${jsonString(annotations[i + 1] as string)}}`;
  }
  return `${json}],`;
}

function encodeTags(tags: readonly string[]): string {
  let json = '"tags":{';
  for (let i = 0; i < tags.length; i += 2) {
    json += (i === 0 ? "" : ",") + tagKey(tags[i] as string) + jsonString(tags[i + 1] as string);
  }
  return `${json}}`;
}

function tagKey(key: string): string {
  let encoded = keys.get(key);
  if (encoded === undefined) {
    encoded = `${JSON.stringify(key)}:`;
    keys.set(key, encoded);
  }
  return encoded;
}
