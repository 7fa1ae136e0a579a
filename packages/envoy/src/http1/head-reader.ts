/** Gathers the bytes of one message head, up to and with its empty line. */
export class HeadReader {
  /** The head, once `read` has found its end; latin-1. */
  text = "";

  readonly #maxBytes: number;
  #buffer: Buffer | undefined;
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** True when the beginning of a head is waiting for its rest. */
  get isPartial(): boolean {
    return this.#length > 0;
  }

  /** Returns where the head ends in `input`, "more", or "too large". */
  read(input: Buffer, from: number): number | "more" | "too large" {
    if (this.#length === 0) {
      const end = findEnd(input, from, input.length);
      if (end !== -1) {
        if (end - from > this.#maxBytes) return "too large";
        this.text = input.toString("latin1", from, end);
        return end;
      }
    }
    return this.#readPartial(input, from);
  }

  #readPartial(input: Buffer, from: number): number | "more" | "too large" {
    const before = this.#length;
    const added = Math.min(input.length - from, this.#maxBytes + 1 - before);
    const buffer = this.#grown(before + added);
    input.copy(buffer, before, from, from + added);
    this.#length = before + added;
    const end = findEnd(buffer, Math.max(0, before - 2), this.#length);
    if (end === -1 || end > this.#maxBytes) {
      return this.#length > this.#maxBytes ? "too large" : "more";
    }
    this.text = buffer.toString("latin1", 0, end);
    this.#buffer = undefined;
    this.#length = 0;
    return from + end - before;
  }

  #grown(length: number): Buffer {
    const old = this.#buffer;
    if (old !== undefined && old.length >= length) return old;
    const size = Math.min(this.#maxBytes + 1, Math.max(length, 2 * (old?.length ?? 256)));
    const buffer = Buffer.allocUnsafeSlow(size);
    old?.copy(buffer, 0, 0, this.#length);
    this.#buffer = buffer;
    return buffer;
  }
}

/** One past the empty line, or -1. Lines may end in LF alone. */
function findEnd(input: Buffer, from: number, to: number): number {
  for (let i = from; i < to; i += 1) {
    if (input[i] !== 0x0a) continue;
    if (i + 1 < to && input[i + 1] === 0x0a) return i + 2;
    if (i + 2 < to && input[i + 1] === 0x0d && input[i + 2] === 0x0a) return i + 3;
  }
  return -1;
}
