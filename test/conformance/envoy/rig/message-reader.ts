/** Reads HTTP/1 messages off a socket and keeps their bytes as they are: header case, order, repeats, reason phrase. */
import type { HeaderLines } from "./recorded-case.ts";

export interface WireMessage {
  /** The start line, split: a request's method, target, version or a response's version, status, reason. */
  readonly start: readonly [string, string, string];
  readonly headers: HeaderLines;
  body: Buffer;
  trailers?: HeaderLines;
  /** The peer closed before the end. */
  truncated?: boolean;
  /** 1xx answers that came before. */
  readonly informational: readonly number[];
}

type State = "head" | "sized" | "chunk-size" | "chunk-data" | "trailers" | "until-close" | "raw";

export class MessageReader {
  readonly #kind: "request" | "response";
  readonly #onMessage: (message: WireMessage) => void;
  /** The response answers a HEAD request. */
  readonly #isHead: boolean;
  #pending: Buffer = Buffer.alloc(0);
  #state: State = "head";
  #message: WireMessage | undefined;
  #chunks: Buffer[] = [];
  #left = 0;
  #trailers: [string, string][] = [];
  #informational: number[] = [];

  constructor(
    kind: "request" | "response",
    onMessage: (message: WireMessage) => void,
    options: { readonly isHead?: boolean } = {},
  ) {
    this.#kind = kind;
    this.#onMessage = onMessage;
    this.#isHead = options.isHead ?? false;
  }

  push(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    while (this.#step());
  }

  /** The peer closed the connection. */
  end(): void {
    if (!this.#message) return;
    if (this.#state === "until-close") this.#finish();
    else {
      this.#chunks.push(this.#pending);
      this.#message.truncated = true;
      this.#finish();
    }
  }

  #step(): boolean {
    switch (this.#state) {
      case "head":
        return this.#readHead();
      case "sized":
        return this.#readSized();
      case "chunk-size": {
        const line = this.#line();
        if (line === undefined) return false;
        this.#left = Number.parseInt(line, 16);
        this.#state = this.#left === 0 ? "trailers" : "chunk-data";
        return true;
      }
      case "chunk-data":
        if (this.#pending.length < this.#left + 2) return false;
        this.#chunks.push(this.#take(this.#left));
        this.#take(2);
        this.#state = "chunk-size";
        return true;
      case "trailers": {
        const line = this.#line();
        if (line === undefined) return false;
        if (line === "") return this.#finish();
        this.#trailers.push(splitHeader(line));
        return true;
      }
      case "until-close":
      case "raw":
        this.#chunks.push(this.#take(this.#pending.length));
        return false;
    }
  }

  #readHead(): boolean {
    const end = this.#pending.indexOf("\r\n\r\n");
    if (end < 0) return false;
    const [start = "", ...lines] = this.#take(end).toString("latin1").split("\r\n");
    this.#take(4);
    const headers = lines.map(splitHeader);
    const message: WireMessage = {
      start: this.#kind === "request" ? splitRequest(start) : splitStatus(start),
      headers,
      body: Buffer.alloc(0),
      informational: this.#informational,
    };
    const status = this.#kind === "response" ? Number(message.start[1]) : undefined;
    if (status !== undefined && status < 200 && status !== 101) {
      this.#informational.push(status);
      return true;
    }
    this.#message = message;
    return this.#chooseBody(headers, status);
  }

  #chooseBody(headers: HeaderLines, status: number | undefined): boolean {
    const value = (name: string) =>
      headers.find(([key]) => key.toLowerCase() === name)?.[1].toLowerCase();
    const isBodiless = this.#isHead || status === 204 || status === 304 || status === 101;
    if (status !== undefined && isBodiless) return this.#finish();
    const length = value("content-length");
    if (value("transfer-encoding")?.includes("chunked")) this.#state = "chunk-size";
    else if (length !== undefined) {
      this.#left = Number(length);
      this.#state = "sized";
    } else if (status === undefined) return this.#finish();
    else this.#state = "until-close";
    return true;
  }

  #readSized(): boolean {
    if (this.#left > 0 && this.#pending.length === 0) return false;
    const chunk = this.#take(Math.min(this.#left, this.#pending.length));
    this.#chunks.push(chunk);
    this.#left -= chunk.length;
    return this.#left === 0 ? this.#finish() : false;
  }

  #take(bytes: number): Buffer {
    const taken = this.#pending.subarray(0, bytes);
    this.#pending = this.#pending.subarray(bytes);
    return taken;
  }

  #line(): string | undefined {
    const end = this.#pending.indexOf("\r\n");
    if (end < 0) return undefined;
    const line = this.#take(end).toString("latin1");
    this.#take(2);
    return line;
  }

  #finish(): boolean {
    const message = this.#message as WireMessage;
    message.body = Buffer.concat(this.#chunks);
    if (this.#trailers.length > 0) message.trailers = this.#trailers;
    this.#message = undefined;
    this.#chunks = [];
    this.#trailers = [];
    this.#informational = [];
    this.#state = "head";
    this.#onMessage(message);
    return true;
  }
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

function splitRequest(line: string): [string, string, string] {
  const [method = "", target = "", version = ""] = line.split(" ");
  return [method, target, version];
}

function splitStatus(line: string): [string, string, string] {
  const [, version = "", status = "", reason = ""] = /^(\S+) (\d+) ?(.*)$/.exec(line) ?? [];
  return [version, status, reason];
}
