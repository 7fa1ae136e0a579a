import { HeaderMap } from "../http/header-map.ts";
import type {
  ConnectionInfo,
  DownstreamStream,
  Protocol,
  ResetReason,
  StreamReceiver,
} from "../http/stream.ts";
import { appendLines, properCase, statusLine } from "./encode-head.ts";
import { listHas } from "./header-syntax.ts";
import type { RequestHead } from "./request-head.ts";
import type { SocketOutput } from "./socket-output.ts";

/** What a stream needs of the connection it is on. */
export interface StreamOwner {
  readonly info: ConnectionInfo;
  readonly output: SocketOutput;
  readonly properCase: boolean;
  readonly enableTrailers: boolean;
  readonly highWatermarkBytes: number;
  /** Responses are to announce the end of the connection. */
  readonly isDraining: boolean;
  responseEnded(stream: Http1DownstreamStream): void;
  cut(stream: Http1DownstreamStream): void;
  pauseReading(): void;
  resumeReading(): void;
}

const emptyBuffer = Buffer.alloc(0);

type ResponseBody = "as is" | "chunked" | "none";

/** One request on an HTTP/1 connection and the answer to it. */
export class Http1DownstreamStream implements DownstreamStream {
  readonly protocol: Protocol;
  /** Set as soon as the connection manager has returned it. */
  receiver: StreamReceiver | undefined;
  /** Nothing more comes from the client. */
  requestEnded: boolean;
  responseStarted = false;
  responseEnded = false;
  /** Cut or gone: calls of the other side have no effect. */
  over = false;
  closes: boolean;
  isUpgraded = false;
  /** `encodeData` said no and owes an `onDrain`. */
  blocked = false;

  readonly #owner: StreamOwner;
  readonly #head: RequestHead;
  #body: ResponseBody = "as is";

  constructor(owner: StreamOwner, head: RequestHead) {
    this.#owner = owner;
    this.#head = head;
    this.protocol = head.http10 ? "HTTP/1.0" : "HTTP/1.1";
    this.requestEnded = head.body.kind === "none";
    this.closes = head.wantsClose;
  }

  get connection(): ConnectionInfo {
    return this.#owner.info;
  }

  // --- from the client ------------------------------------------------------------------------------------------------------------------

  receiveBody(data: Buffer, isLast: boolean): void {
    if (isLast) this.requestEnded = true;
    if (!this.over) this.receiver?.onData(data, isLast);
  }

  receiveTrailers(lines: string[]): void {
    this.requestEnded = true;
    if (this.over) return;
    if (lines.length > 0 && this.#owner.enableTrailers)
      this.receiver?.onTrailers(new HeaderMap(lines));
    else this.receiver?.onData(emptyBuffer, true);
  }

  /** Nothing more comes or goes. */
  abandon(reason: ResetReason): void {
    if (this.over) return;
    this.over = true;
    this.receiver?.onReset(reason);
  }

  /** The socket takes more. */
  drained(): void {
    if (!this.blocked) return;
    this.blocked = false;
    this.receiver?.onDrain();
  }

  // --- from the connection manager ------------------------------------------------------------------------------------------------------

  encodeInformational(headers: HeaderMap): void {
    if (this.over || this.responseStarted) return;
    const head = statusLine(headers.get(":status") ?? "100", this.#head.http10);
    this.#owner.output.text(`${appendLines(head, headers.lines, this.#owner.properCase)}\r\n`);
  }

  encodeHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.over || this.responseStarted) return;
    this.responseStarted = true;
    const status = headers.get(":status") ?? "200";
    const isRaw = this.#head.body.kind === "raw";
    this.isUpgraded =
      isRaw && (status === "101" || (this.#head.method === "CONNECT" && status.startsWith("2")));
    this.#owner.output.text(this.#encodeHead(status, headers.lines, endStream));
    if (endStream) this.#end();
  }

  encodeData(chunk: Buffer, endStream: boolean): boolean {
    if (this.over || this.responseEnded) return true;
    const { output } = this.#owner;
    if (this.#body === "chunked") {
      if (chunk.length > 0) {
        output.text(`${chunk.length.toString(16)}\r\n`);
        output.bytes(chunk);
        output.text(endStream ? "\r\n0\r\n\r\n" : "\r\n");
      } else if (endStream) output.text("0\r\n\r\n");
    } else if (this.#body === "as is") output.bytes(chunk);
    if (endStream) this.#end();
    else this.blocked = output.isAbove(this.#owner.highWatermarkBytes);
    return !this.blocked;
  }

  encodeTrailers(trailers: HeaderMap): void {
    if (this.over || this.responseEnded) return;
    const { output, enableTrailers, properCase: proper } = this.#owner;
    if (this.#body === "chunked") {
      output.text(
        enableTrailers ? `${appendLines("0\r\n", trailers.lines, proper)}\r\n` : "0\r\n\r\n",
      );
    }
    this.#end();
  }

  reset(_reason: ResetReason): void {
    if (this.over) return;
    this.over = true;
    this.#owner.cut(this);
  }

  closeAfterResponse(): void {
    this.closes = true;
  }

  pauseReading(): void {
    if (!this.over) this.#owner.pauseReading();
  }

  resumeReading(): void {
    if (!this.over) this.#owner.resumeReading();
  }

  #end(): void {
    this.responseEnded = true;
    this.#owner.responseEnded(this);
  }

  /** Status line, header lines, `connection` where it has to say something, then the framing: the order in which Envoy writes them. */
  #encodeHead(status: string, lines: readonly string[], endStream: boolean): string {
    const { http10, method } = this.#head;
    const proper = this.#owner.properCase;
    let head = statusLine(status, http10);
    let hasLength = false;
    let saysClose = false;
    for (let i = 0; i < lines.length; i += 2) {
      const name = lines[i] as string;
      const value = lines[i + 1] as string;
      if (name.charCodeAt(0) === 0x3a || name === "transfer-encoding") continue;
      if (name === "content-length") hasLength = true;
      else if (name === "connection" && listHas(value, "close")) saysClose = true;
      head += `${proper ? properCase(name) : name}: ${value}\r\n`;
    }
    const isBodiless = status === "204" || status === "304" || status.charCodeAt(0) === 0x31;
    const isUnframed = !hasLength && !endStream && !isBodiless && method !== "HEAD";
    const owner = this.#owner;
    // A request still under way when it is answered cannot be told from the next one, so the connection ends.
    if (saysClose || owner.isDraining || (http10 && isUnframed)) this.closes = true;
    if (!this.requestEnded && !this.isUpgraded) this.closes = true;
    if (this.isUpgraded) this.closes = true;
    else if (this.closes && !saysClose)
      head += proper ? "Connection: close\r\n" : "connection: close\r\n";
    else if (http10 && !this.closes) {
      head += proper ? "Connection: keep-alive\r\n" : "connection: keep-alive\r\n";
    }
    if (isBodiless || method === "HEAD") this.#body = this.isUpgraded ? "as is" : "none";
    if (hasLength || isBodiless || this.isUpgraded) return `${head}\r\n`;
    if (endStream && method !== "HEAD")
      return `${head}${proper ? "Content-Length" : "content-length"}: 0\r\n\r\n`;
    if (http10) return `${head}\r\n`;
    if (method !== "HEAD") this.#body = "chunked";
    return `${head}${proper ? "Transfer-Encoding" : "transfer-encoding"}: chunked\r\n\r\n`;
  }
}
