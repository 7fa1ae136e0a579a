import { DecodeError } from "../model/decode-error.ts";
import type { Endpoint, Span } from "../model/span.ts";
import { pullEndpoint } from "./json-endpoint.ts";
import { pullList } from "./json-list.ts";
import type { JsonPull } from "./json-pull.ts";
import { convertV1 } from "./v1-convert.ts";
import {
  highHalf,
  lowHalf,
  requireIds,
  type V1Annotation,
  type V1BinaryAnnotation,
  type V1Span,
} from "./v1-span.ts";

/** The v1 list form, as older tracers post it. */
export function decodeJsonV1(body: Buffer): Span[] {
  const spans: Span[] = [];
  pullList(body, (json) => {
    for (const span of convertV1(pullSpan(json))) spans.push(span);
  });
  return spans;
}

interface Draft {
  /** 16 digits each. */
  traceIdHigh: string;
  traceId: string;
  id: string;
  parentId: string | undefined;
  name: string | undefined;
  timestamp: number;
  duration: number;
  debug: boolean;
  readonly annotations: V1Annotation[];
  readonly binaryAnnotations: V1BinaryAnnotation[];
}

const ZERO = "0000000000000000";

function pullSpan(json: JsonPull): V1Span {
  const draft: Draft = {
    traceIdHigh: ZERO,
    traceId: ZERO,
    id: ZERO,
    parentId: undefined,
    name: undefined,
    timestamp: 0,
    duration: 0,
    debug: false,
    annotations: [],
    binaryAnnotations: [],
  };
  json.begin("object");
  while (json.hasNext()) pullProperty(json, draft);
  json.end();
  const { traceIdHigh, traceId, id } = draft;
  requireIds(traceId, id);
  return { ...draft, traceId: traceIdHigh === ZERO ? traceId : traceIdHigh + traceId };
}

function pullProperty(json: JsonPull, draft: Draft): void {
  const key = json.key();
  if (key === "traceId") {
    const text = json.string();
    draft.traceIdHigh = highHalf(text) ?? draft.traceIdHigh;
    draft.traceId = lowHalf(text);
  } else if (key === "id") draft.id = lowHalf(json.string());
  else if (json.peek() === "null") json.skip();
  else if (key === "name") draft.name = json.string();
  else if (key === "parentId") draft.parentId = lowHalf(json.string());
  else if (key === "timestamp") draft.timestamp = json.long();
  else if (key === "duration") draft.duration = json.long();
  else if (key === "annotations") {
    pullEach(json, () => draft.annotations.push(pullAnnotation(json)));
  } else if (key === "binaryAnnotations") {
    pullEach(json, () => draft.binaryAnnotations.push(...pullBinaryAnnotation(json)));
  } else if (key === "debug") draft.debug = json.boolean() || draft.debug;
  else json.skip();
}

function pullEach(json: JsonPull, pullItem: () => void): void {
  json.begin("list");
  while (json.hasNext()) pullItem();
  json.end();
}

function pullAnnotation(json: JsonPull): V1Annotation {
  let timestamp: number | undefined;
  let value: string | undefined;
  let endpoint: Endpoint | undefined;
  json.begin("object");
  while (json.hasNext()) {
    const key = json.key();
    if (key === "timestamp") timestamp = json.long();
    else if (key === "value") value = json.string();
    else if (key === "endpoint" && json.peek() !== "null") endpoint = pullEndpoint(json);
    else json.skip();
  }
  if (timestamp === undefined || value === undefined) {
    throw new DecodeError(`Incomplete annotation at ${json.path}`);
  }
  json.end();
  return { timestamp, value, endpoint };
}

/** Only texts become tags, and only true makes an address. */
function pullBinaryAnnotation(json: JsonPull): V1BinaryAnnotation[] {
  let name: string | undefined;
  let value: string | undefined;
  let isTrue = false;
  let endpoint: Endpoint | undefined;
  json.begin("object");
  while (json.hasNext()) {
    const key = json.key();
    const token = json.peek();
    if (token === "null") json.skip();
    else if (key === "key") name = json.string();
    else if (key === "value" && token === "string") value = json.string();
    else if (key === "value" && (token === "true" || token === "false")) isTrue = json.boolean();
    else if (key === "endpoint") endpoint = pullEndpoint(json);
    else json.skip();
  }
  if (name === undefined) throw new DecodeError(`No key at ${json.path}`);
  json.end();
  if (value !== undefined) return [{ key: name, value, endpoint }];
  const isAddress = name === "sa" || name === "ca" || name === "ma";
  return isTrue && isAddress && endpoint !== undefined
    ? [{ key: name, value: undefined, endpoint }]
    : [];
}
