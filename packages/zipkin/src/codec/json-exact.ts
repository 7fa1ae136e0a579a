import { DecodeError } from "../model/decode-error.ts";

/** A number with the very text it was written in: `1.0` as a tag value stays `1.0`. */
export class JsonNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Levels. Far beyond any span, far below the call stack. */
const MAX_DEPTH = 512;

/**
 * Reads one JSON value at the start of `text` and ignores what follows it, as Zipkin does.
 * Slower than `JSON.parse`, which is tried first: this one keeps the text of numbers.
 */
export function parseJsonExactly(text: string): unknown {
  const reader = new JsonReader(text);
  return reader.value(0);
}

const STRING_END = /["\\]/g;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERALS = [
  ["true", true],
  ["false", false],
  ["null", null],
] as const;

class JsonReader {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new DecodeError(`nested deeper than ${MAX_DEPTH} levels`);
    const char = this.peek();
    if (char === "{") return this.object(depth);
    if (char === "[") return this.array(depth);
    if (char === '"') return this.string();
    for (const [word, value] of LITERALS) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    NUMBER.lastIndex = this.at;
    const number = NUMBER.exec(this.text)?.[0];
    if (number === undefined) throw this.malformed();
    this.at += number.length;
    return new JsonNumber(number);
  }

  private object(depth: number): Record<string, unknown> {
    const members: [string, unknown][] = [];
    this.at++;
    if (this.peek() === "}") {
      this.at++;
      return {};
    }
    for (;;) {
      if (this.peek() !== '"') throw this.malformed();
      const key = this.string();
      if (this.peek() !== ":") throw this.malformed();
      this.at++;
      members.push([key, this.value(depth + 1)]);
      const next = this.peek();
      this.at++;
      if (next === "}") return Object.fromEntries(members); // the last of a repeated key wins
      if (next !== ",") throw this.malformed();
    }
  }

  private array(depth: number): unknown[] {
    const items: unknown[] = [];
    this.at++;
    if (this.peek() === "]") {
      this.at++;
      return items;
    }
    for (;;) {
      items.push(this.value(depth + 1));
      const next = this.peek();
      this.at++;
      if (next === "]") return items;
      if (next !== ",") throw this.malformed();
    }
  }

  private string(): string {
    const start = this.at;
    for (let from = start + 1; ; ) {
      STRING_END.lastIndex = from;
      const end = STRING_END.exec(this.text);
      if (end === null) throw new DecodeError(`Unterminated string at offset ${start}`);
      if (end[0] === "\\") {
        from = end.index + 2;
        continue;
      }
      this.at = end.index + 1;
      return this.unquote(this.text.slice(start, this.at));
    }
  }

  private unquote(quoted: string): string {
    try {
      return String(JSON.parse(quoted));
    } catch {
      throw this.malformed(); // an escape that JSON does not have, or a raw control character
    }
  }

  private peek(): string | undefined {
    for (;;) {
      const char = this.text[this.at];
      if (char !== " " && char !== "\n" && char !== "\r" && char !== "\t") return char;
      this.at++;
    }
  }

  private malformed(): DecodeError {
    const found = this.text[this.at];
    const got = found === undefined ? "the end" : JSON.stringify(found);
    return new DecodeError(`Malformed: unexpected ${got} at offset ${this.at}`);
  }
}
