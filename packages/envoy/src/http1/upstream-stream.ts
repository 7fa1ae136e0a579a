import type { HeaderMap } from "../http/header-map.ts";
import type {
  ConnectionInfo,
  ResetReason,
  UpstreamReceiver,
  UpstreamStream,
} from "../http/stream.ts";
import { appendLines } from "./encode-head.ts";
import { listHas } from "./header-syntax.ts";
import type { RequestFacts } from "./response-head.ts";
import type { SocketOutput } from "./socket-output.ts";

/** What a stream needs of the upstream connection it is on. */
export interface UpstreamOwner {
  readonly info: ConnectionInfo;
  readonly output: SocketOutput;
  readonly enableTrailers: boolean;
  readonly highWatermarkBytes: number;
  requestEnded(stream: Http1UpstreamStream): void;
  cut(stream: Http1UpstreamStream): void;
  pauseReading(): void;
  resumeReading(): void;
}

/** Methods whose requests have no body unless they say so: Envoy sends no `content-length: 0` with them. */
const bodiless: ReadonlySet<string> = new Set(["GET", "HEAD", "DELETE", "TRACE", "CONNECT"]);

/** One request on an HTTP/1 upstream connection. */
export class Http1UpstreamStream implements UpstreamStream, RequestFacts {
  readonly protocol = "HTTP/1.1";
  readonly receiver: UpstreamReceiver;
  method = "";
  isUpgrade = false;
  requestStarted = false;
  requestEnded = false;
  over = false;
  /** `encodeData` said no and owes an `onDrain`. */
  blocked = false;

  readonly #owner: UpstreamOwner;
  #chunked = false;

  constructor(owner: UpstreamOwner, receiver: UpstreamReceiver) {
    this.#owner = owner;
    this.receiver = receiver;
  }

  get connection(): ConnectionInfo {
    return this.#owner.info;
  }

  encodeHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.over || this.requestStarted) return;
    this.requestStarted = true;
    this.#owner.output.text(this.#encodeHead(headers.lines, endStream));
    if (endStream) this.#end();
  }

  encodeData(chunk: Buffer, endStream: boolean): boolean {
    if (this.over || this.requestEnded) return true;
    const { output, highWatermarkBytes } = this.#owner;
    if (!this.#chunked) output.bytes(chunk);
    else if (chunk.length > 0) {
      output.text(`${chunk.length.toString(16)}\r\n`);
      output.bytes(chunk);
      output.text(endStream ? "\r\n0\r\n\r\n" : "\r\n");
    } else if (endStream) output.text("0\r\n\r\n");
    if (endStream) this.#end();
    else this.blocked = output.isAbove(highWatermarkBytes);
    return !this.blocked;
  }

  encodeTrailers(trailers: HeaderMap): void {
    if (this.over || this.requestEnded) return;
    const { output, enableTrailers } = this.#owner;
    if (this.#chunked) {
      output.text(
        enableTrailers ? `${appendLines("0\r\n", trailers.lines, false)}\r\n` : "0\r\n\r\n",
      );
    }
    this.#end();
  }

  reset(_reason: ResetReason): void {
    if (this.over) return;
    this.over = true;
    this.#owner.cut(this);
  }

  pauseReading(): void {
    if (!this.over) this.#owner.pauseReading();
  }

  resumeReading(): void {
    if (!this.over) this.#owner.resumeReading();
  }

  #end(): void {
    this.requestEnded = true;
    this.#owner.output.flush();
    this.#owner.requestEnded(this);
  }

  #encodeHead(lines: readonly string[], endStream: boolean): string {
    let method = "";
    let path = "";
    let host = "";
    let rest = "";
    let hasLength = false;
    let hasUpgrade = false;
    let connection = "";
    for (let i = 0; i < lines.length; i += 2) {
      const name = lines[i] as string;
      const value = lines[i + 1] as string;
      switch (name) {
        case ":method":
          method = value;
          continue;
        case ":path":
          path = value;
          continue;
        case ":authority":
          host = value;
          continue;
        case ":scheme":
        case ":protocol":
        case "transfer-encoding":
          continue;
        case "content-length":
          hasLength = true;
          break;
        case "upgrade":
          hasUpgrade = true;
          break;
        case "connection":
          connection = value;
          break;
      }
      rest += `${name}: ${value}\r\n`;
    }
    this.method = method;
    this.isUpgrade = hasUpgrade && listHas(connection, "upgrade");
    const target = method === "CONNECT" ? host : path;
    const head = `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\n${rest}`;
    if (hasLength || this.isUpgrade || method === "CONNECT") return `${head}\r\n`;
    if (endStream) return bodiless.has(method) ? `${head}\r\n` : `${head}content-length: 0\r\n\r\n`;
    this.#chunked = true;
    return `${head}transfer-encoding: chunked\r\n\r\n`;
  }
}
