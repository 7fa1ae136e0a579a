import { assembleSpan, missingIds } from "../model/create-span.ts";
import { DecodeError } from "../model/decode-error.ts";
import type { Annotation, Endpoint, Kind, Span } from "../model/span.ts";

/** A v2 span while a decoder meets its fields one by one. Ids are padded and checked as they come. */
export interface IncomingSpan {
  traceId: string | undefined;
  id: string | undefined;
  parentId: string | undefined;
  kind: Kind | undefined;
  name: string | undefined;
  /** Microseconds; 0 when absent. */
  timestamp: number;
  duration: number;
  localEndpoint: Endpoint | undefined;
  remoteEndpoint: Endpoint | undefined;
  readonly annotations: Annotation[];
  readonly tags: Record<string, string>;
  debug: boolean;
  shared: boolean;
}

export function beginSpan(): IncomingSpan {
  return {
    traceId: undefined,
    id: undefined,
    parentId: undefined,
    kind: undefined,
    name: undefined,
    timestamp: 0,
    duration: 0,
    localEndpoint: undefined,
    remoteEndpoint: undefined,
    annotations: [],
    tags: {},
    debug: false,
    shared: false,
  };
}

/** Throws when an id did not come. */
export function endSpan(span: IncomingSpan): Span {
  const { traceId, id, parentId } = span;
  if (traceId === undefined || id === undefined) throw new DecodeError(missingIds(span));
  return assembleSpan({ traceId, id, parentId }, span);
}
