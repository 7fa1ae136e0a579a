import type { HeaderMap } from "../../http/header-map.ts";
import { writeTraceparent } from "../traceparent.ts";
import type { Span } from "../tracer.ts";

export type OtelKind = "CLIENT" | "SERVER";

/** opentelemetry.proto.trace.v1.Status.StatusCode; undefined: no status at all. */
export type StatusCode = 0 | 2 | undefined;

export interface OtelSpanStart {
  /** Lower-case hex, 32 and 16 digits. */
  readonly traceId: string;
  readonly id: string;
  readonly parentId: string | undefined;
  /** The parent is in another process. */
  readonly remoteParent: boolean;
  readonly tracestate: string;
  readonly sampled: boolean;
  readonly kind: OtelKind;
  readonly name: string;
  readonly startTimeMicros: number;
  readonly noContextPropagation: boolean;
}

export interface OtelSpanOwner {
  child(parent: OtelSpan, name: string, startTimeMicros: number): OtelSpan;
  client(
    parent: OtelSpan,
    name: string,
    startTimeMicros: number,
    sampled: boolean | undefined,
  ): OtelSpan;
  report(span: OtelSpan): void;
}

/** Statuses that are the server's fault in OpenTelemetry's view. https://opentelemetry.io/docs/specs/semconv/rpc/grpc/ */
const serverErrors = new Set(["2", "4", "12", "13", "14", "15"]);

/** A span under way. Fields are public because the encoder reads them. */
export class OtelSpan implements Span {
  readonly start: OtelSpanStart;
  name: string;
  endTimeMicros = 0;
  status: StatusCode;
  /** key, value, key, value, ... in the order in which they were first set. */
  readonly attributes: string[] = [];
  /** timestamp and name in turn. */
  events: (number | string)[] | undefined;
  readonly #owner: OtelSpanOwner;

  constructor(owner: OtelSpanOwner, start: OtelSpanStart) {
    this.#owner = owner;
    this.start = start;
    this.name = start.name;
  }

  get isRecording(): boolean {
    return this.start.sampled;
  }

  get traceId(): string {
    return this.start.traceId;
  }

  get spanId(): string {
    return this.start.id;
  }

  setOperation(name: string): void {
    this.name = name;
  }

  setTag(key: string, value: string): void {
    if (!this.start.sampled || key === "") return;
    if (key === "http.status_code") this.#noteHttpStatus(value);
    else if (key === "grpc.status_code") this.#noteGrpcStatus(value);
    const { attributes } = this;
    for (let i = 0; i < attributes.length; i += 2) {
      if (attributes[i] !== key) continue;
      attributes[i + 1] = value;
      return;
    }
    attributes.push(key, value);
  }

  log(timestampMicros: number, event: string): void {
    if (!this.start.sampled) return;
    this.events ??= [];
    this.events.push(timestampMicros, event);
  }

  /** An empty tracestate is sent as well, as Envoy does. */
  injectContext(headers: HeaderMap): void {
    const { traceId, id, sampled, tracestate, noContextPropagation } = this.start;
    if (noContextPropagation) return;
    headers.remove("traceparent");
    headers.add("traceparent", writeTraceparent(traceId, id, sampled));
    headers.remove("tracestate");
    headers.add("tracestate", tracestate);
  }

  spawnChild(operation: string, startTimeMicros: number): OtelSpan {
    return this.#owner.child(this, operation, startTimeMicros);
  }

  spawnClient(operation: string, startTimeMicros: number, sampled: boolean | undefined): OtelSpan {
    return this.#owner.client(this, operation, startTimeMicros, sampled);
  }

  finish(endTimeMicros: number): void {
    if (!this.start.sampled) return;
    this.endTimeMicros = Math.max(this.start.startTimeMicros, endTimeMicros);
    this.#owner.report(this);
  }

  /** https://opentelemetry.io/docs/specs/semconv/http/http-spans/#status */
  #noteHttpStatus(value: string): void {
    const status = Number(value);
    if (status >= 500 || (this.start.kind === "CLIENT" && status >= 400)) this.status = 2;
  }

  /** A value that is no status resets it. */
  #noteGrpcStatus(value: string): void {
    const error =
      this.start.kind === "SERVER"
        ? serverErrors.has(value)
        : /^\d+$/.test(value) && Number(value) !== 0;
    this.status = error ? 2 : 0;
  }
}
