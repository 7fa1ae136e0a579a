import type { SpanWriter } from "./span-writer.ts";

/** More make a span unusual. */
const MAX_TAGS = 64;
/** Numbers a tag: where its key and its value begin and end. */
const WIDTH = 4;

const text = {
  begin: Buffer.from(',"tags":{"'),
  value: Buffer.from('":"'),
  next: Buffer.from('","'),
  end: Buffer.from('"}'),
} as const;

/** The tags of one span in offsets of its body, sorted by key. */
export class UsualTags {
  private readonly offsets = new Int32Array(MAX_TAGS * WIDTH);
  /** How much of `offsets` is taken. */
  private length = 0;

  clear(): void {
    this.length = 0;
  }

  /** False for one too many, a key that is there, and one like a number: JavaScript's objects have their own order for those. */
  add(bytes: Buffer, key: number, keyEnd: number, value: number, valueEnd: number): boolean {
    const { offsets } = this;
    const first = bytes[key] ?? 0;
    if (this.length === offsets.length || (first >= 0x30 && first <= 0x39)) return false;
    let at = this.length;
    for (; at > 0; at -= WIDTH) {
      const other = offsets[at - WIDTH] ?? 0;
      const order = compare(bytes, other, offsets[at - WIDTH + 1] ?? 0, key, keyEnd);
      if (order === 0) return false;
      if (order < 0) break;
    }
    if (at < this.length) offsets.copyWithin(at + WIDTH, at, this.length);
    offsets[at] = key;
    offsets[at + 1] = keyEnd;
    offsets[at + 2] = value;
    offsets[at + 3] = valueEnd;
    this.length += WIDTH;
    return true;
  }

  /** False when one is not in plain text. */
  write(writer: SpanWriter, bytes: Buffer): boolean {
    const { offsets, length } = this;
    if (length === 0) return true;
    for (let at = 0; at < length; at += WIDTH) {
      writer.putAll(at === 0 ? text.begin : text.next);
      if (!writer.putText(bytes, offsets[at] ?? 0, offsets[at + 1] ?? 0)) return false;
      writer.putAll(text.value);
      if (!writer.putText(bytes, offsets[at + 2] ?? 0, offsets[at + 3] ?? 0)) return false;
    }
    writer.putAll(text.end);
    return true;
  }
}

function compare(
  bytes: Buffer,
  left: number,
  leftEnd: number,
  right: number,
  rightEnd: number,
): number {
  const leftLength = leftEnd - left;
  const rightLength = rightEnd - right;
  for (let i = 0; i < leftLength && i < rightLength; i++) {
    const order = (bytes[left + i] ?? 0) - (bytes[right + i] ?? 0);
    if (order !== 0) return order;
  }
  return leftLength - rightLength;
}
