import { byte, JsonBytes } from "./json-bytes.ts";

/** Where one tag's key and value lie, quotes included. */
interface TagRange {
  readonly key: number;
  readonly keyEnd: number;
  readonly value: number;
  readonly valueEnd: number;
}

const ASCII = 126;
const ANY = 255;

/** Reads an object of texts without escapes. Whatever else it meets is left to others. */
export class JsonTags extends JsonBytes {
  /** Steps over tags that can stay as they are: keys sorted, each key once, no white space. False, and anywhere, for others. */
  protected plainTags(): boolean {
    const { bytes } = this;
    this.take(byte.open);
    let before = 0;
    let beforeEnd = 0;
    do {
      const key = this.at + 1;
      const keyEnd = this.plainText(ASCII);
      if (keyEnd < 0 || isDigit(bytes[key])) break;
      if (beforeEnd > 0 && this.compare(before, beforeEnd, key, keyEnd) >= 0) break;
      before = key;
      beforeEnd = keyEnd;
      if (!this.isNext(byte.colon) || this.plainText(ANY) < 0) break;
      if (this.isNext(byte.close)) return true;
    } while (this.isNext(byte.comma));
    return false;
  }

  /** The same tags without white space, sorted; undefined, and anywhere, when a key comes twice. */
  protected sortedTags(): Buffer | undefined {
    const tags: TagRange[] = [];
    this.at++;
    do {
      this.skipSpace();
      const key = this.at;
      const keyEnd = this.plainText(ASCII) + 1;
      this.skipSpace();
      const isKey = keyEnd > 0 && !isDigit(this.bytes[key + 1]) && this.isNext(byte.colon);
      this.skipSpace();
      const value = this.at;
      const valueEnd = isKey ? this.plainText(ANY) + 1 : 0;
      if (valueEnd === 0) break;
      tags.push({ key, keyEnd, value, valueEnd });
      this.skipSpace();
      if (this.isNext(byte.close)) return this.writeTags(tags);
    } while (this.isNext(byte.comma));
    return undefined;
  }

  private writeTags(tags: TagRange[]): Buffer | undefined {
    tags.sort((a, b) => this.compare(a.key + 1, a.keyEnd - 1, b.key + 1, b.keyEnd - 1));
    let length = 1;
    for (const { key, keyEnd, value, valueEnd } of tags)
      length += keyEnd - key + valueEnd - value + 2;
    const out = Buffer.allocUnsafe(length);
    let at = 0;
    let before: TagRange | undefined;
    for (const tag of tags) {
      const isRepeat =
        before !== undefined && this.compare(before.key, before.keyEnd, tag.key, tag.keyEnd) === 0;
      if (isRepeat) return undefined;
      out[at++] = before === undefined ? byte.open : byte.comma;
      at += this.bytes.copy(out, at, tag.key, tag.keyEnd);
      out[at++] = byte.colon;
      at += this.bytes.copy(out, at, tag.value, tag.valueEnd);
      before = tag;
    }
    out[at] = byte.close;
    return out;
  }
}

/** JavaScript's objects, through which other tags go, put keys that are numbers first. */
function isDigit(character: number | undefined): boolean {
  return character !== undefined && character >= byte.zero && character <= byte.nine;
}
