/** When a request's span begins, what it is called and when it ends. The tracer decides ids and wire format. */
import type { Tracing } from "../config/tracing.ts";
import { compileTextFormat } from "../formatter/compile-format.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import type { RequestIdExtension } from "../request-id/uuid-request-id.ts";
import type { RouteEntry } from "../routing/route-entry.ts";
import type { Counter, StatsStore } from "../stats/stats-store.ts";
import { type CompiledTag, compileCustomTags, mergeCustomTags } from "../tracing/custom-tags.ts";
import {
  defaultMaxPathTagLength,
  finalizeDownstreamSpan,
  type SpanTagOptions,
} from "../tracing/finalize-span.ts";
import type { RandomIds } from "../tracing/random-ids.ts";
import type { RuntimeValues } from "../tracing/runtime-values.ts";
import {
  decideTracing,
  routeSharesOf,
  type Shares,
  sharesOf,
  tracingCounterName,
} from "../tracing/sampling.ts";
import type { TraceReason, Tracer, TrafficDirection } from "../tracing/tracer.ts";
import type { ActiveStream } from "./active-stream.ts";

const operationHeader = "x-envoy-decorator-operation";

export interface StreamTracingOptions {
  readonly config: Tracing;
  /** Undefined: no provider anywhere; requests are marked but have no spans. */
  readonly tracer: Tracer | undefined;
  readonly direction: TrafficDirection;
  readonly requestId: RequestIdExtension;
  readonly runtime: RuntimeValues;
  readonly ids: RandomIds;
  readonly stats: StatsStore;
  readonly statPrefix: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What one route changes. */
interface RouteTraits {
  readonly shares: Shares | undefined;
  readonly tags: SpanTagOptions;
  readonly operation: ((info: StreamInfo) => string) | undefined;
}

const reasons: readonly TraceReason[] = [
  "not-traceable",
  "health-check",
  "sampling",
  "service-forced",
  "client-forced",
  "not-traceable-request-id",
];

export class StreamTracing {
  readonly spawnsUpstreamSpans: boolean;
  readonly #options: StreamTracingOptions;
  readonly #outbound: boolean;
  readonly #shares: Shares;
  readonly #tags: readonly CompiledTag[];
  readonly #counters = new Map<TraceReason, Counter>();
  readonly #noRoute: RouteTraits;
  readonly #routes = new WeakMap<RouteEntry, RouteTraits>();

  constructor(options: StreamTracingOptions) {
    const { config } = options;
    this.#options = options;
    this.#outbound = options.direction === "OUTBOUND";
    this.spawnsUpstreamSpans = config.spawnUpstreamSpan ?? false;
    this.#shares = sharesOf(config);
    this.#tags = compileCustomTags(config.customTags, options.env);
    this.#noRoute = this.#compileTraits(undefined);
    for (const reason of reasons) {
      const name = `http.${options.statPrefix}.tracing.${tracingCounterName(reason)}`;
      this.#counters.set(reason, options.stats.counter(name));
    }
  }

  start(stream: ActiveStream): void {
    const { headers, info } = stream;
    const options = this.#options;
    const entry = stream.route.kind === "route" ? stream.route.entry : undefined;
    const traits = this.#traits(entry);
    const decision = decideTracing({
      headers,
      shares: this.#shares,
      routeShares: traits.shares,
      requestId: options.requestId,
      runtime: options.runtime,
      ids: options.ids,
      healthCheck: info.healthCheck,
    });
    this.#counters.get(decision.reason)?.inc();
    info.traced = decision.traced;
    stream.spanTags = traits.tags;
    if (options.tracer === undefined) return;
    const span = options.tracer.startSpan({
      headers,
      info,
      decision,
      operation: this.#outbound ? `egress ${headers.get(":authority") ?? ""}` : "ingress",
      direction: options.direction,
      spawnUpstreamSpan: this.spawnsUpstreamSpans,
      noContextPropagation: options.config.noContextPropagation,
    });
    stream.span = span;
    if (span.traceId !== undefined) info.traceId = span.traceId;
    if (span.spanId !== undefined) info.spanId = span.spanId;
    if (traits.operation === undefined) this.#decorate(stream, entry);
  }

  /** A filter made the request take another route: that one's decorator names the span now. */
  routeChanged(stream: ActiveStream): void {
    if (this.#options.tracer === undefined) return;
    const entry = stream.route.kind === "route" ? stream.route.entry : undefined;
    const traits = this.#traits(entry);
    stream.spanTags = traits.tags;
    stream.decoratedOperation = undefined;
    if (traits.operation === undefined) this.#decorate(stream, entry);
  }

  /** The route's decorator names the span and, for outbound requests, tells the next hop; inbound ones listen to the header instead. */
  #decorate(stream: ActiveStream, entry: RouteEntry | undefined): void {
    const { headers, span } = stream;
    const decorator = entry?.decorator;
    if (decorator !== undefined && decorator.operation !== "") {
      span.setOperation(decorator.operation);
      if (decorator.propagate ?? true) stream.decoratedOperation = decorator.operation;
    }
    if (this.#outbound) {
      if (stream.decoratedOperation !== undefined)
        headers.set(operationHeader, stream.decoratedOperation);
      return;
    }
    const named = headers.get(operationHeader);
    if (named === undefined) return;
    if (named !== "") {
      span.setOperation(named);
      stream.decoratedOperation = undefined;
    }
    headers.remove(operationHeader);
  }

  /**
   * Inbound answers tell the caller the operation; outbound ones take it from the callee. Where the configuration names the operation,
   * decorators do not count and their headers pass through both ways (measured, Envoy 1.40).
   */
  finishResponse(stream: ActiveStream, headers: HeaderMap): void {
    const entry = stream.route.kind === "route" ? stream.route.entry : undefined;
    if (this.#traits(entry).operation !== undefined) return;
    if (!this.#outbound) {
      if (stream.decoratedOperation !== undefined)
        headers.set(operationHeader, stream.decoratedOperation);
      return;
    }
    const named = headers.get(operationHeader);
    if (named === undefined) return;
    if (named !== "") stream.span.setOperation(named);
    headers.remove(operationHeader);
  }

  /** A configured operation is worked out only now, with all that is known of the response. */
  finish(stream: ActiveStream): void {
    const entry = stream.route.kind === "route" ? stream.route.entry : undefined;
    const operation = this.#traits(entry).operation?.(stream.info);
    if (operation !== undefined && operation !== "") stream.span.setOperation(operation);
    finalizeDownstreamSpan(stream.span, stream.info, stream.spanTags);
  }

  #traits(entry: RouteEntry | undefined): RouteTraits {
    if (entry?.tracing === undefined) return this.#noRoute;
    let traits = this.#routes.get(entry);
    if (traits === undefined) {
      traits = this.#compileTraits(entry);
      this.#routes.set(entry, traits);
    }
    return traits;
  }

  #compileTraits(entry: RouteEntry | undefined): RouteTraits {
    const { config, env } = this.#options;
    const tracing = entry?.tracing;
    // An empty format is none.
    const operation = tracing?.operation || config.operation || undefined;
    const upstreamOperation = tracing?.upstreamOperation || config.upstreamOperation || undefined;
    const nameUpstream =
      upstreamOperation === undefined ? undefined : compileTextFormat(upstreamOperation);
    return {
      shares: tracing === undefined ? undefined : routeSharesOf(tracing),
      operation: operation === undefined ? undefined : compileTextFormat(operation),
      tags: {
        customTags:
          tracing === undefined
            ? this.#tags
            : mergeCustomTags(this.#tags, compileCustomTags(tracing.customTags, env)),
        maxPathTagLength: config.maxPathTagLength ?? defaultMaxPathTagLength,
        verbose: config.verbose,
        ...(nameUpstream === undefined ? {} : { upstreamOperation: nameUpstream }),
      },
    };
  }
}
