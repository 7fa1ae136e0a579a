/** A probe that is a request: over a pool of its own, so that nothing of it counts as traffic. */
import type { HeaderMap } from "../../http/header-map.ts";
import type { ConnectionPool, UpstreamReceiver, UpstreamStream } from "../../http/stream.ts";
import { networkFailure, type Probe, type ProbeResult } from "./probe.ts";

export interface ProbeResponse {
  readonly headers: HeaderMap;
  readonly body: Buffer;
  readonly trailers: HeaderMap | undefined;
}

export interface ProbeExchange {
  headers(): HeaderMap;
  readonly body: Buffer | undefined;
  judge(response: ProbeResponse): ProbeResult;
}

/** Bytes of an answer that are kept; a health check has no use for more. */
const maxBodyBytes = 4096;

export class RequestProbe implements Probe {
  readonly #pool: ConnectionPool;
  readonly #exchange: ProbeExchange;

  constructor(pool: ConnectionPool, exchange: ProbeExchange) {
    this.#pool = pool;
    this.#exchange = exchange;
  }

  start(done: (result: ProbeResult) => void): { cancel(): void } {
    const call = new ProbeCall(this.#exchange, done);
    call.start(this.#pool);
    return call;
  }

  close(): void {
    this.#pool.close(0).catch(() => undefined); // nothing depends on it any more
  }
}

class ProbeCall implements UpstreamReceiver {
  readonly #exchange: ProbeExchange;
  readonly #done: (result: ProbeResult) => void;
  #waiting: { cancel(): void } | undefined;
  #stream: UpstreamStream | undefined;
  #headers: HeaderMap | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #over = false;

  constructor(exchange: ProbeExchange, done: (result: ProbeResult) => void) {
    this.#exchange = exchange;
    this.#done = done;
  }

  start(pool: ConnectionPool): void {
    const waiting = pool.newStream(this);
    if (!this.#over && this.#stream === undefined) this.#waiting = waiting;
  }

  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#stream === undefined) this.#waiting?.cancel();
    else this.#stream.reset("local reset");
  }

  onPoolReady(stream: UpstreamStream): void {
    this.#stream = stream;
    const { body } = this.#exchange;
    stream.encodeHeaders(this.#exchange.headers(), body === undefined);
    if (body !== undefined) stream.encodeData(body, true);
  }

  onPoolFailure(): void {
    this.#finish(networkFailure);
  }

  onInformational(): void {}

  onHeaders(headers: HeaderMap, endStream: boolean): void {
    this.#headers = headers;
    if (endStream) this.#judge(undefined);
  }

  onData(chunk: Buffer, endStream: boolean): void {
    if (this.#bytes < maxBodyBytes) {
      this.#bytes += chunk.length;
      this.#chunks.push(chunk);
    }
    if (endStream) this.#judge(undefined);
  }

  onTrailers(trailers: HeaderMap): void {
    this.#judge(trailers);
  }

  onReset(): void {
    this.#finish(networkFailure);
  }

  onDrain(): void {}

  #judge(trailers: HeaderMap | undefined): void {
    const headers = this.#headers;
    if (headers === undefined) this.#finish(networkFailure);
    else
      this.#finish(this.#exchange.judge({ headers, body: Buffer.concat(this.#chunks), trailers }));
  }

  #finish(result: ProbeResult): void {
    if (this.#over) return;
    this.#over = true;
    this.#done(result);
  }
}
