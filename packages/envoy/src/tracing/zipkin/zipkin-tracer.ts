import { nullSpan } from "../null-span.ts";
import type { RandomIds } from "../random-ids.ts";
import type { Span, StartSpan, Tracer } from "../tracer.ts";
import { extractB3 } from "./b3-extraction.ts";
import type { SpanContext } from "./span-context.ts";
import { type SpanOwner, type SpanRequest, ZipkinSpan } from "./zipkin-span.ts";

export interface ZipkinTracerOptions {
  /** A root's trace id has 128 bits. Ids that come in keep their width. */
  readonly traceId128bit: boolean;
  /** An INBOUND span takes the caller's span id instead of a new one. */
  readonly sharedSpanContext: boolean;
  /** Two spans a hop, SERVER and CLIENT, as with spawn_upstream_span; but the second only where the router starts one. */
  readonly splitSpansForRequest: boolean;
  /** USE_B3_WITH_W3C_PROPAGATION. */
  readonly w3cPropagation: boolean;
  /** Tags of every request's span, unless empty. */
  readonly node: { readonly id: string; readonly zone: string };
}

/** Takes finished, sampled spans. */
export interface ZipkinReporter {
  report(span: ZipkinSpan): void;
  close(timeoutMs: number): Promise<void>;
}

/** Envoy's Zipkin tracer: who shares whose id, and who is whose child. */
export class ZipkinTracer implements Tracer, SpanOwner {
  readonly traceparent: boolean;
  readonly #options: ZipkinTracerOptions;
  readonly #reporter: ZipkinReporter;
  readonly #ids: RandomIds;

  constructor(options: ZipkinTracerOptions, reporter: ZipkinReporter, ids: RandomIds) {
    this.#options = options;
    this.#reporter = reporter;
    this.#ids = ids;
    this.traceparent = options.w3cPropagation;
  }

  startSpan(start: StartSpan): Span {
    const extracted = extractB3(start.headers, this.#options.w3cPropagation);
    if (extracted.kind === "malformed") return nullSpan;
    const request: SpanRequest = {
      single: start.headers.has("b3"),
      noContextPropagation: start.noContextPropagation,
      spawnUpstreamSpan: start.spawnUpstreamSpan || this.#options.splitSpansForRequest,
      inbound: start.direction !== "OUTBOUND",
    };
    const server = request.inbound || request.spawnUpstreamSpan;
    const sampled = extracted.sampled ?? start.decision.traced;
    const context =
      extracted.kind === "context" ? this.#next(extracted.context, server) : this.#root();
    const span = new ZipkinSpan(this, request, {
      context,
      sampled,
      kind: server ? "SERVER" : "CLIENT",
      shared: server && this.#options.sharedSpanContext,
      name: start.headers.get(":authority") ?? "",
      timestampMicros: start.info.startTimeMicros,
    });
    span.setTag("node_id", this.#options.node.id);
    span.setTag("zone", this.#options.node.zone);
    return span;
  }

  /** An upstream attempt. Without a split it is of the listener's kind, so on INBOUND with a shared context it repeats its parent's id. */
  child(parent: ZipkinSpan, name: string, startTimeMicros: number): ZipkinSpan {
    const { request } = parent;
    const server = request.inbound && !request.spawnUpstreamSpan;
    return new ZipkinSpan(this, request, {
      context: this.#next(parent.context, server),
      sampled: parent.sampled,
      kind: server ? "SERVER" : "CLIENT",
      shared: server && this.#options.sharedSpanContext,
      name,
      timestampMicros: startTimeMicros,
    });
  }

  client(
    parent: ZipkinSpan,
    name: string,
    startTimeMicros: number,
    sampled: boolean = parent.sampled,
  ): ZipkinSpan {
    // no_context_propagation is about the request that came in, not about the proxy's own.
    const request = { ...parent.request, noContextPropagation: false };
    return new ZipkinSpan(this, request, {
      context: this.#next(parent.context, false),
      sampled,
      kind: "CLIENT",
      shared: false,
      name,
      timestampMicros: startTimeMicros,
    });
  }

  report(span: ZipkinSpan): void {
    this.#reporter.report(span);
  }

  close(timeoutMs: number): Promise<void> {
    return this.#reporter.close(timeoutMs);
  }

  #root(): SpanContext {
    const id = this.#ids.hex64();
    const traceId = this.#options.traceId128bit ? this.#ids.hex64() + id : id;
    return { traceId, id, parentId: undefined };
  }

  #next(previous: SpanContext, server: boolean): SpanContext {
    if (server && this.#options.sharedSpanContext) return previous;
    return { traceId: previous.traceId, id: this.#ids.hex64(), parentId: previous.id };
  }
}
