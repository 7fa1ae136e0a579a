import type { Span } from "../../model/span.ts";
import { SIGNATURE_WORDS, type TraceRow } from "./trace-table.ts";

/**
 * A trace's signature: a small Bloom filter over its span names, tags and annotations. A search
 * reads it in nanoseconds and opens only traces that can match.
 */
export function sign(signature: Uint32Array, row: TraceRow, span: Span): void {
  if (span.name !== undefined) setBits(signature, row, nameTerm(span.name));
  const tags = span.tags;
  if (tags !== undefined) {
    for (const key in tags) {
      const keyHash = hash(key, KEY);
      setBits(signature, row, keyHash);
      setBits(signature, row, hash(tags[key] ?? "", keyHash));
    }
  }
  if (span.annotations === undefined) return;
  for (const annotation of span.annotations) setBits(signature, row, hash(annotation.value, KEY));
}

const KEY = 0x811c9dc5;
const NAME = 0x3c6ef372;
/** Characters: long values (stack traces) are told apart by their beginning and length. */
const HASHED = 48;

export function nameTerm(name: string): number {
  return hash(name, NAME);
}

/** A bare word of an annotation query: a tag's key or an annotation's text. */
export function keyTerm(key: string): number {
  return hash(key, KEY);
}

export function tagTerm(key: string, value: string): number {
  return hash(value, hash(key, KEY));
}

export function mayHave(signature: Uint32Array, row: TraceRow, term: number): boolean {
  const base = row * SIGNATURE_WORDS;
  const mixed = Math.imul(term ^ (term >>> 16), 0x7feb352d);
  const a = mixed >>> 24;
  const b = (mixed >>> 8) & 255;
  return (
    ((signature[base + (a >> 5)] ?? 0) & (1 << (a & 31))) !== 0 &&
    ((signature[base + (b >> 5)] ?? 0) & (1 << (b & 31))) !== 0
  );
}

function setBits(signature: Uint32Array, row: TraceRow, term: number): void {
  const base = row * SIGNATURE_WORDS;
  const mixed = Math.imul(term ^ (term >>> 16), 0x7feb352d);
  const a = base + (mixed >>> 29);
  const b = base + ((mixed >>> 13) & 7);
  signature[a] = (signature[a] ?? 0) | (1 << ((mixed >>> 24) & 31));
  signature[b] = (signature[b] ?? 0) | (1 << ((mixed >>> 8) & 31));
}

/** FNV-1a over UTF-16 units. */
function hash(text: string, seed: number): number {
  let h = seed ^ text.length;
  const end = Math.min(text.length, HASHED);
  for (let i = 0; i < end; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
}
