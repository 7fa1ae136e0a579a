import type { Kind, Span } from "../../model/span.ts";

/** Bits of a stored span's `flags`: the kind in the lowest three, 0 for none. */
const KIND_MASK = 7;
const HAS_PARENT = 8;
const SHARED = 16;
const ERROR = 32;

const kindNumbers: Readonly<Record<Kind, number>> = {
  CLIENT: 1,
  SERVER: 2,
  PRODUCER: 3,
  CONSUMER: 4,
};

export function spanFlags(span: Span): number {
  let flags = span.kind === undefined ? 0 : kindNumbers[span.kind];
  if (span.parentId !== undefined) flags |= HAS_PARENT;
  if (span.shared) flags |= SHARED;
  if (span.tags !== undefined && Object.hasOwn(span.tags, "error")) flags |= ERROR;
  return flags;
}

export function hasParent(flags: number): boolean {
  return (flags & HAS_PARENT) !== 0;
}

export function isEntry(flags: number): boolean {
  const kind = flags & KIND_MASK;
  return kind === kindNumbers.SERVER || kind === kindNumbers.CONSUMER;
}

export function hasErrorTag(flags: number): boolean {
  return (flags & ERROR) !== 0;
}
