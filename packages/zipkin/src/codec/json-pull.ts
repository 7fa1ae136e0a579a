import { DecodeError } from "../model/decode-error.ts";
import { parseInteger, parseJavaDouble } from "../model/java-text.ts";

/** What comes next. */
export type Token = "{" | "}" | "[" | "]" | "string" | "number" | "true" | "false" | "null";

/** Levels of lists and objects. */
const MAX_DEPTH = 255;

/** One level that is open. */
interface Scope {
  readonly kind: "object" | "list";
  /** Of a list: its present item. */
  index: number;
  /** Of an object: the latest key. */
  key: string;
  isEmpty: boolean;
}

/**
 * JSON asked for piece by piece, in the order in which it is written, with what Zipkin's reader lets pass:
 * words in any case, raw control characters and `\'` in strings. Each key is seen, repeated ones as well.
 */
export class JsonPull {
  private readonly text: string;
  private at = 0;
  private readonly scopes: Scope[] = [];
  /** A key was read, its value was not. */
  private afterKey = false;
  private next: Token | undefined;

  constructor(text: string) {
    this.text = text;
  }

  begin(kind: "object" | "list"): void {
    const token = this.peek();
    if (token !== (kind === "object" ? "{" : "[")) throw new DecodeError("Malformed");
    if (this.scopes.length >= MAX_DEPTH) {
      throw new DecodeError(`Nesting limit ${MAX_DEPTH} reached at ${this.path}`);
    }
    this.take();
    this.at++;
    this.scopes.push({ kind, index: 0, key: "", isEmpty: true });
  }

  /** Whether the open list or object goes on; what ends it is left for `end`. */
  hasNext(): boolean {
    const token = this.peek();
    return token !== "}" && token !== "]";
  }

  end(): void {
    this.peek();
    this.next = undefined;
    this.at++;
    this.scopes.pop();
    this.closeValue();
  }

  key(): string {
    this.peek();
    this.next = undefined;
    const key = this.readString();
    if (this.skipSpace() !== ":") throw this.malformed();
    this.at++;
    const scope = this.scopes.at(-1);
    if (scope !== undefined) scope.key = key;
    this.afterKey = true;
    return key;
  }

  peek(): Token {
    this.next ??= this.findNext();
    return this.next;
  }

  /** A number is taken as it is written. */
  string(): string {
    const token = this.peek();
    if (token === "string") {
      this.take();
      const text = this.readString();
      this.closeValue();
      return text;
    }
    if (token === "number") return this.takeNumber();
    throw this.wrongType("a string");
  }

  /** 64 bits, also as text. Beyond 2^53 the last digits are rounded. */
  long(): number {
    return this.integer(64, "a long");
  }

  int(): number {
    return this.integer(32, "an int");
  }

  boolean(): boolean {
    const token = this.peek();
    if (token !== "true" && token !== "false") throw this.wrongType("a boolean");
    this.takeWord(token);
    return token === "true";
  }

  /** Steps over a value, however deep. */
  skip(): void {
    const token = this.peek();
    if (token === "{" || token === "[") {
      this.begin(token === "{" ? "object" : "list");
      while (this.hasNext()) {
        if (token === "{") this.key();
        this.skip();
      }
      this.end();
    } else if (token === "string") this.string();
    else if (token === "number") this.takeNumber();
    else this.takeWord(token);
  }

  /** Where the latest key or item is. */
  get path(): string {
    const steps = this.scopes.map(({ kind, index, key }) =>
      kind === "list" ? `[${index}]` : `.${key}`,
    );
    return `$${steps.join("")}`;
  }

  private integer(bits: number, name: string): number {
    const token = this.peek();
    if (token !== "number" && token !== "string") throw this.wrongType(name);
    const { path } = this;
    const text = this.string();
    const whole = parseInteger(text);
    if (whole !== undefined && whole === BigInt.asIntN(bits, whole)) return Number(whole);
    const number = parseJavaDouble(text);
    if (number === undefined) throw new DecodeError(`For input string: "${text.slice(0, 100)}"`);
    const limit = 2 ** (bits - 1);
    // The largest long is no double: the one above it stands for it. The largest int is one.
    const isInRange = number >= -limit && (bits === 64 ? number <= limit : number < limit);
    if (Number.isInteger(number) && isInRange) return number === 0 ? 0 : number;
    throw new DecodeError(`Expected ${name} but was ${text.slice(0, 100)} at path ${path}`);
  }

  private takeNumber(): string {
    const start = this.at;
    NUMBER.lastIndex = start;
    const text = NUMBER.exec(this.text)?.[0] ?? "";
    this.take();
    this.at = start + text.length;
    this.closeValue();
    return text;
  }

  private takeWord(token: Token): void {
    this.take();
    this.at += token.length;
    this.closeValue();
  }

  private take(): void {
    this.next = undefined;
    this.afterKey = false;
    const scope = this.scopes.at(-1);
    if (scope !== undefined) scope.isEmpty = false;
  }

  private closeValue(): void {
    const scope = this.scopes.at(-1);
    if (scope !== undefined) scope.index++;
  }

  private findNext(): Token {
    const scope = this.scopes.at(-1);
    if (scope === undefined || this.afterKey) return this.findValue();
    const closing = scope.kind === "object" ? "}" : "]";
    let char = this.skipSpace();
    if (char === closing) return closing;
    if (!scope.isEmpty) {
      if (char !== ",") throw this.malformed();
      this.at++;
      scope.isEmpty = true; // until the next value: the comma was taken
      char = this.skipSpace();
      if (char === closing) throw this.malformed();
    }
    if (scope.kind === "list") return this.findValue();
    if (char !== '"') throw this.malformed();
    return "string";
  }

  private findValue(): Token {
    const char = this.skipSpace();
    if (char === "{" || char === "[") return char;
    if (char === '"') return "string";
    WORD.lastIndex = this.at;
    const word = WORD.exec(this.text)?.[0].toLowerCase();
    if (word === "true" || word === "false" || word === "null") return word;
    NUMBER.lastIndex = this.at;
    if (NUMBER.test(this.text)) return "number";
    throw this.malformed();
  }

  private readString(): string {
    const { text } = this;
    let part = this.at + 1;
    let value = "";
    for (let from = part; ; ) {
      STRING_END.lastIndex = from;
      const end = STRING_END.exec(text);
      if (end === null) throw this.malformed();
      value += text.slice(part, end.index);
      if (end[0] === '"') {
        this.at = end.index + 1;
        return value;
      }
      const sequence = ESCAPE.exec(text.slice(end.index, end.index + 6))?.[0];
      if (sequence === undefined) throw this.malformed();
      value += unescaped(sequence);
      part = end.index + sequence.length;
      from = part;
    }
  }

  private skipSpace(): string | undefined {
    for (;;) {
      const char = this.text[this.at];
      if (char !== " " && char !== "\n" && char !== "\r" && char !== "\t") return char;
      this.at++;
    }
  }

  private malformed(): DecodeError {
    return new DecodeError("Malformed");
  }

  private wrongType(wanted: string): DecodeError {
    return new DecodeError(`Expected ${wanted} but was ${this.peek()} at path ${this.path}`);
  }
}

/** What may not follow a number or a word at once: it would go on. */
const LITERAL_END = String.raw`(?=[{}[\]:, \t\f\r\n]|$)`;
const NUMBER = new RegExp(
  String.raw`-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?${LITERAL_END}`,
  "y",
);
const WORD = new RegExp(`(?:true|false|null)${LITERAL_END}`, "iy");
const STRING_END = /["\\]/g;
const ESCAPE = /^\\(?:u[\da-fA-F]{4}|["\\/bfnrt'\n])/;
const escapes: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

function unescaped(sequence: string): string {
  if (sequence[1] === "u") return String.fromCharCode(Number.parseInt(sequence.slice(2), 16));
  const char = sequence[1] ?? "";
  return escapes[char] ?? char;
}
