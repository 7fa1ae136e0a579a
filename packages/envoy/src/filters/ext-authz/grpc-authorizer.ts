/** Asks an authorization service over gRPC. https://github.com/envoyproxy/envoy/blob/main/api/envoy/service/auth/v3/external_auth.proto */
import type { GrpcService } from "../../config/http-service.ts";
import {
  formatGrpcTimeout,
  grpcFrameHeaderBytes,
  grpcStatus,
  httpToGrpcStatus,
} from "../../http/grpc.ts";
import { HeaderMap } from "../../http/header-map.ts";
import { nowMicros } from "../../time/clock.ts";
import type { Span } from "../../tracing/tracer.ts";
import type { FilterStream } from "../filter.ts";
import type { ForwardingSettings } from "../forwarding-plan.ts";
import { grpcFrame, ServiceRequest, type ServiceResponse } from "../service-request.ts";
import { type Authorization, type Authorizer, failed, type Question } from "./authorization.ts";
import { type CheckRequestOptions, encodeCheckRequest } from "./check-request.ts";
import { decodeCheckResponse } from "./check-response.ts";
import { traceStatus } from "./trace-status.ts";

const service = "envoy.service.auth.v3.Authorization";
const defaultTimeoutMs = 200;

export class GrpcAuthorizer implements Authorizer {
  readonly #stream: FilterStream;
  readonly #settings: ForwardingSettings;
  readonly #service: GrpcService;
  readonly #options: CheckRequestOptions;
  /** Undefined: as the request is. */
  readonly #sampled: boolean | undefined;

  constructor(
    stream: FilterStream,
    settings: ForwardingSettings,
    grpcService: GrpcService,
    options: CheckRequestOptions,
    sampled: boolean | undefined,
  ) {
    this.#stream = stream;
    this.#settings = settings;
    this.#service = grpcService;
    this.#options = options;
    this.#sampled = sampled;
  }

  ask(question: Question, done: (authorization: Authorization) => void): { cancel(): void } {
    const { clusterName, authority = "" } = this.#service.envoyGrpc;
    const cluster = this.#settings.clusters.get(clusterName);
    if (cluster === undefined) {
      done(failed);
      return { cancel: () => undefined };
    }
    const name = `async ${service}.Check egress`;
    const span = this.#stream.span.spawnClient(name, nowMicros(), this.#sampled);
    span.setTag("upstream_cluster", clusterName);
    span.setTag("upstream_address", authority || clusterName);
    span.setTag("component", "proxy");
    const timeoutMs = this.#service.timeoutMs ?? defaultTimeoutMs;
    const message = encodeCheckRequest(this.#stream, question, this.#options);
    const request = new ServiceRequest(this.#stream, {
      cluster,
      settings: this.#settings,
      headers: this.#headers(authority || clusterName, timeoutMs, span),
      body: grpcFrame(message),
      timeoutMs,
      done: (response) => done(finish(span, response)),
    });
    request.start();
    return {
      cancel() {
        request.cancel();
        span.setTag("status", "canceled");
        span.finish(nowMicros());
      },
    };
  }

  #headers(authority: string, timeoutMs: number, span: Span): HeaderMap {
    const lines = [":method", "POST", ":path", `/${service}/Check`, ":authority", authority];
    lines.push(":scheme", "http", "te", "trailers");
    if (timeoutMs > 0) lines.push("grpc-timeout", formatGrpcTimeout(timeoutMs));
    lines.push("content-type", "application/grpc");
    const headers = new HeaderMap(lines);
    for (const { key, value } of this.#service.initialMetadata)
      headers.add(key.toLowerCase(), value);
    span.injectContext(headers);
    headers.set("x-envoy-internal", "true");
    headers.set("x-forwarded-for", this.#settings.machineAddress);
    return headers;
  }
}

/** Reads the answer and ends the span with what came of it. */
function finish(span: Span, response: ServiceResponse | undefined): Authorization {
  const status = statusOf(response);
  span.setTag("grpc.status_code", String(status));
  let authorization: Authorization = failed;
  const message = response && status === grpcStatus.ok ? messageOf(response.body) : undefined;
  if (message === undefined) span.setTag("error", "true");
  else {
    const decoded = decodeCheckResponse(message);
    authorization = decoded ?? failed;
    if (decoded !== undefined) span.setTag("ext_authz_status", verdictOf(decoded));
  }
  span.finish(nowMicros());
  return authorization;
}

function verdictOf({ kind }: Authorization): string {
  if (kind === "allowed") return traceStatus.ok;
  return kind === "denied" ? traceStatus.denied : traceStatus.error;
}

function statusOf(response: ServiceResponse | undefined): number {
  if (response === undefined) return grpcStatus.unavailable;
  if (response.status !== 200) return httpToGrpcStatus(response.status);
  const text = response.trailers?.get("grpc-status") ?? response.headers.get("grpc-status");
  return text !== undefined && /^\d{1,2}$/.test(text) ? Number(text) : grpcStatus.unknown;
}

/** The one message of the answer; undefined: there is none, or it is compressed. */
function messageOf(body: Buffer): Buffer | undefined {
  if (body.length < grpcFrameHeaderBytes || body[0] !== 0) return undefined;
  const end = grpcFrameHeaderBytes + body.readUInt32BE(1);
  return end > body.length ? undefined : body.subarray(grpcFrameHeaderBytes, end);
}
