/**
 * A request that a filter makes on its own account while another waits: it goes through the router's machinery as any request does (time
 * limits, statistics, response flags), and its response is collected. (Envoy's AsyncClient.)
 */
import type { LocalReply } from "../connection-manager/local-reply.ts";
import { grpcFrameHeader, httpToGrpcStatus } from "../http/grpc.ts";
import { HeaderMap } from "../http/header-map.ts";
import type { Cluster } from "../upstream/cluster.ts";
import type { FilterStream } from "./filter.ts";
import type { Forwarding } from "./forwarding.ts";
import type { ForwardingSettings } from "./forwarding-plan.ts";
import { prepareOwnForwarding } from "./own-forwarding.ts";
import { OwnStream } from "./own-stream.ts";

/** Answers beyond this are cut off: a filter has no use for them. */
const maxResponseBytes = 4 * 1024 * 1024;

export interface ServiceResponse {
  readonly status: number;
  readonly headers: HeaderMap;
  readonly trailers: HeaderMap | undefined;
  readonly body: Buffer;
}

export interface ServiceRequestOptions {
  readonly cluster: Cluster;
  readonly settings: ForwardingSettings;
  readonly headers: HeaderMap;
  readonly body: Buffer | undefined;
  /** 0: none. */
  readonly timeoutMs: number;
  /** Calls the response in, whole; undefined when it broke off. The proxy's own answers (503, 504) count as responses. */
  readonly done: (response: ServiceResponse | undefined, request: ServiceRequest) => void;
}

export class ServiceRequest extends OwnStream {
  readonly #options: ServiceRequestOptions;
  #forwarding: Forwarding | undefined;
  #responseHeaders: HeaderMap | undefined;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #over = false;

  constructor(original: FilterStream, options: ServiceRequestOptions) {
    super(original, options.headers);
    this.#options = options;
  }

  start(): void {
    const { cluster, settings, timeoutMs, body } = this.#options;
    const own = prepareOwnForwarding(this, settings, cluster, timeoutMs, body === undefined);
    if (own === undefined) return;
    this.#forwarding = own.forwarding;
    this.#forwarding.start(own.host);
    if (body !== undefined && !this.#over) this.#forwarding.sendData(body, true);
  }

  /** The request on whose behalf it was made is over: nobody hears of the response. */
  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#forwarding?.close();
  }

  get responseHeaders(): HeaderMap | undefined {
    return this.#responseHeaders;
  }

  pauseReading(): void {}

  resumeReading(): void {}

  encodeHeaders(headers: HeaderMap, endStream: boolean): void {
    this.responseStarted = true;
    this.#responseHeaders = headers;
    this.info.responseCode = Number(headers.get(":status"));
    if (endStream) this.#complete(undefined);
  }

  encodeData(chunk: Buffer, endStream: boolean): boolean {
    if (this.#over) return true;
    this.#bytes += chunk.length;
    if (this.#bytes > maxResponseBytes) {
      this.#finish(undefined);
      return true;
    }
    this.#chunks.push(chunk);
    if (endStream) this.#complete(undefined);
    return true;
  }

  encodeTrailers(trailers: HeaderMap): void {
    this.#complete(trailers);
  }

  /** An answer of the proxy's own, in gRPC's terms where the request was gRPC. */
  sendLocalReply({ status, body, grpcStatus }: LocalReply): void {
    if (this.responseStarted) {
      this.#finish(undefined);
      return;
    }
    const { isGrpc } = this;
    this.info.responseCode = isGrpc ? 200 : status;
    this.#responseHeaders = new HeaderMap([":status", String(this.info.responseCode)]);
    if (isGrpc)
      this.#responseHeaders.add("grpc-status", String(grpcStatus ?? httpToGrpcStatus(status)));
    else this.#chunks.push(Buffer.from(body));
    this.#complete(undefined);
  }

  #complete(trailers: HeaderMap | undefined): void {
    const headers = this.#responseHeaders;
    if (headers === undefined) return;
    const body = Buffer.concat(this.#chunks);
    this.#finish({ status: this.info.responseCode ?? 0, headers, trailers, body });
  }

  #finish(response: ServiceResponse | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#forwarding?.close();
    this.#options.done(response, this);
  }
}

/** A message as the body of a gRPC call. */
export function grpcFrame(message: Buffer): Buffer {
  return Buffer.concat([grpcFrameHeader(message.length), message]);
}
