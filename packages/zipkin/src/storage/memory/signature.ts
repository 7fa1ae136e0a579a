import { hashBytes, rawText } from "./byte-hash.ts";
import { KEY, NAME, type SpanReader } from "./span-reader.ts";
import { SIGNATURE_WORDS, type TraceRow } from "./trace-table.ts";

/**
 * A trace's signature: a small Bloom filter over its span names, tags and annotations. A search
 * reads it in nanoseconds and opens only traces that can match.
 */
export function sign(signature: Uint32Array, row: TraceRow, span: SpanReader): void {
  for (let i = 0; i < span.termCount; i++) setBits(signature, row, span.terms[i] ?? 0);
}

export function nameTerm(name: string): number {
  return hashText(name, NAME);
}

/** A bare word of an annotation query: a tag's key or an annotation's text. */
export function keyTerm(key: string): number {
  return hashText(key, KEY);
}

export function tagTerm(key: string, value: string): number {
  return hashText(value, hashText(key, KEY));
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

function hashText(text: string, seed: number): number {
  const raw = rawText(text);
  return hashBytes(raw, 0, raw.length, seed);
}
