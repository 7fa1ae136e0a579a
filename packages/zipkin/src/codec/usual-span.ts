import type { KnownEndpoint } from "./endpoint-cache.ts";
import { UsualAnnotations } from "./usual-annotations.ts";
import { UsualTags } from "./usual-tags.ts";

/**
 * A span in plain text, in offsets of the body that it came in; -1 for an id that is not there. Scanners
 * use one again and again, so that a span costs no objects.
 */
export class UsualSpan {
  /** Of the left half of a wide trace id. */
  traceIdHigh = -1;
  /** Of the right half, or of the whole narrow one. */
  traceId = -1;
  parentId = -1;
  id = -1;
  /** Its place in `kinds`, from 1; 0 for none. */
  kind = 0;
  /** From here to `nameEnd`. Letter case is as it was sent. */
  name = 0;
  nameEnd = 0;
  /** Microseconds, safe integers; 0 when absent. */
  timestamp = 0;
  duration = 0;
  localEndpoint: KnownEndpoint | undefined = undefined;
  remoteEndpoint: KnownEndpoint | undefined = undefined;
  readonly annotations: UsualAnnotations = new UsualAnnotations();
  readonly tags: UsualTags = new UsualTags();
  debug = false;
  shared = false;

  reset(): void {
    this.traceIdHigh = -1;
    this.traceId = -1;
    this.parentId = -1;
    this.id = -1;
    this.kind = 0;
    this.name = 0;
    this.nameEnd = 0;
    this.timestamp = 0;
    this.duration = 0;
    this.localEndpoint = undefined;
    this.remoteEndpoint = undefined;
    this.annotations.clear();
    this.tags.clear();
    this.debug = false;
    this.shared = false;
  }
}

/** No id, zero, or its own: no parent. */
export function hasParent({ parentId, id }: UsualSpan, bytes: Buffer): boolean {
  if (parentId < 0 || isZero(bytes, parentId)) return false;
  for (let i = 0; i < 8; i++) if (bytes[parentId + i] !== bytes[id + i]) return true;
  return false;
}

/** Of the eight bytes of an id. */
export function isZero(bytes: Buffer, start: number): boolean {
  for (let i = start; i < start + 8; i++) if (bytes[i] !== 0) return false;
  return true;
}
