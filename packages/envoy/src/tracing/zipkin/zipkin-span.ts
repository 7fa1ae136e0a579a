import type { HeaderMap } from "../../http/header-map.ts";
import type { Span } from "../tracer.ts";
import { injectB3 } from "./b3-injection.ts";
import type { SpanContext } from "./span-context.ts";

export type ZipkinKind = "CLIENT" | "SERVER";

/** How a span came about; shared by the span of a request and those of its upstream attempts. */
export interface SpanRequest {
  readonly single: boolean;
  readonly noContextPropagation: boolean;
  readonly spawnUpstreamSpan: boolean;
  readonly inbound: boolean;
}

/** What a span needs of its tracer. */
export interface SpanOwner {
  readonly traceparent: boolean;
  child(parent: ZipkinSpan, name: string, startTimeMicros: number): ZipkinSpan;
  client(
    parent: ZipkinSpan,
    name: string,
    startTimeMicros: number,
    sampled: boolean | undefined,
  ): ZipkinSpan;
  report(span: ZipkinSpan): void;
}

/** A span under way. The fields are public because the encoders read them. */
export class ZipkinSpan implements Span {
  readonly context: SpanContext;
  readonly sampled: boolean;
  readonly kind: ZipkinKind;
  readonly shared: boolean;
  readonly timestampMicros: number;
  readonly request: SpanRequest;
  name: string;
  durationMicros = 0;
  /** key, value, key, value, ... */
  readonly tags: string[] = [];
  /** timestamp and value in turn; none for most spans. */
  annotations: (number | string)[] | undefined;
  readonly #owner: SpanOwner;

  constructor(
    owner: SpanOwner,
    request: SpanRequest,
    start: {
      readonly context: SpanContext;
      readonly sampled: boolean;
      readonly kind: ZipkinKind;
      readonly shared: boolean;
      readonly name: string;
      readonly timestampMicros: number;
    },
  ) {
    this.#owner = owner;
    this.request = request;
    this.context = start.context;
    this.sampled = start.sampled;
    this.kind = start.kind;
    this.shared = start.shared;
    this.name = start.name;
    this.timestampMicros = Math.floor(start.timestampMicros);
  }

  get isRecording(): boolean {
    return this.sampled;
  }

  get traceId(): string {
    return this.context.traceId;
  }

  /** Envoy's Zipkin spans do not tell: %SPAN_ID% is missing. */
  get spanId(): undefined {
    return undefined;
  }

  setOperation(name: string): void {
    this.name = name;
  }

  /** Envoy's Zipkin spans drop empty values. */
  setTag(key: string, value: string): void {
    if (!this.sampled || key === "" || value === "") return;
    const { tags } = this;
    for (let i = 0; i < tags.length; i += 2) {
      if (tags[i] !== key) continue;
      tags[i + 1] = value;
      return;
    }
    tags.push(key, value);
  }

  log(timestampMicros: number, event: string): void {
    if (!this.sampled) return;
    this.annotations ??= [];
    this.annotations.push(Math.floor(timestampMicros), event);
  }

  injectContext(headers: HeaderMap): void {
    if (this.request.noContextPropagation) return;
    injectB3(headers, this.context, this.sampled, {
      single: this.request.single,
      traceparent: this.#owner.traceparent,
    });
  }

  spawnChild(operation: string, startTimeMicros: number): ZipkinSpan {
    return this.#owner.child(this, operation, startTimeMicros);
  }

  spawnClient(
    operation: string,
    startTimeMicros: number,
    sampled: boolean | undefined,
  ): ZipkinSpan {
    return this.#owner.client(this, operation, startTimeMicros, sampled);
  }

  finish(endTimeMicros: number): void {
    if (!this.sampled) return;
    this.durationMicros = Math.max(0, Math.floor(endTimeMicros) - this.timestampMicros);
    this.log(endTimeMicros, this.kind === "SERVER" ? "ss" : "cr");
    this.#owner.report(this);
  }
}
