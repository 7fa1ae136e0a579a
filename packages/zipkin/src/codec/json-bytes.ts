/** Thrown at the first surprise. One object for all: it is no news to anybody, so it needs no trace. */
export const unusual: Error = new Error("not the usual form");

export const byte = {
  space: 0x20,
  quote: 0x22,
  comma: 0x2c,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  openList: 0x5b,
  backslash: 0x5c,
  closeList: 0x5d,
  open: 0x7b,
  close: 0x7d,
} as const;

/** A cursor over the bytes of a JSON text. Whatever does not fit throws `unusual`. */
export class JsonBytes {
  protected bytes: Buffer = Buffer.alloc(0);
  protected at = 0;

  /** True when there was any. */
  protected skipSpace(): boolean {
    const start = this.at;
    for (; ; this.at++) {
      const next = this.bytes[this.at];
      if (next !== byte.space && next !== 10 && next !== 13 && next !== 9) return this.at > start;
    }
  }

  protected take(expected: number): void {
    if (this.bytes[this.at] !== expected) throw unusual;
    this.at++;
  }

  /** Takes it if it is next. */
  protected isNext(expected: number): boolean {
    if (this.bytes[this.at] !== expected) return false;
    this.at++;
    return true;
  }

  protected takeWord(word: Buffer): void {
    if (!this.isAt(this.at, word)) throw unusual;
    this.at += word.length;
  }

  protected isAt(start: number, word: Buffer): boolean {
    for (let i = 0; i < word.length; i++) if (this.bytes[start + i] !== word[i]) return false;
    return true;
  }

  /** Past a text, list or object. What is in it is not checked. */
  protected skipValue(): void {
    const { bytes } = this;
    let depth = 0;
    for (; this.at < bytes.length; this.at++) {
      const next = bytes[this.at];
      if (next === byte.quote) this.skipText();
      else if (next === byte.open || next === byte.openList) depth++;
      else if (next === byte.close || next === byte.closeList) depth--;
      else if (depth === 0) throw unusual;
      if (depth === 0) {
        this.at++;
        return;
      }
    }
    throw unusual;
  }

  /** From an opening quote to the closing one. */
  private skipText(): void {
    const { bytes } = this;
    for (this.at++; bytes[this.at] !== byte.quote; this.at++) {
      if (bytes[this.at] === byte.backslash) this.at++;
      if (this.at >= bytes.length) throw unusual;
    }
  }

  /**
   * The end of the text that begins here, which is left at its closing quote: -1, and nowhere, when it
   * has escapes or characters above `highest`.
   */
  protected plainText(highest: number): number {
    const { bytes } = this;
    if (bytes[this.at] !== byte.quote) return -1;
    for (let i = this.at + 1; ; i++) {
      const next = bytes[i];
      if (next === byte.quote) {
        this.at = i + 1;
        return i;
      }
      if (next === undefined || next === byte.backslash || next < byte.space || next > highest) {
        return -1;
      }
    }
  }

  /** Below zero, zero or above it, as the first range comes before, with or after the second. */
  protected compare(left: number, leftEnd: number, right: number, rightEnd: number): number {
    const length = Math.min(leftEnd - left, rightEnd - right);
    for (let i = 0; i < length; i++) {
      const difference = (this.bytes[left + i] ?? 0) - (this.bytes[right + i] ?? 0);
      if (difference !== 0) return difference;
    }
    return leftEnd - left - (rightEnd - right);
  }
}
