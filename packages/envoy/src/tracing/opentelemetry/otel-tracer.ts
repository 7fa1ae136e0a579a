import type { HeaderMap } from "../../http/header-map.ts";
import { headerText } from "../header-text.ts";
import { nullSpan } from "../null-span.ts";
import type { RandomIds } from "../random-ids.ts";
import { parseTraceparent, type Traceparent } from "../traceparent.ts";
import type { Span, StartSpan, Tracer } from "../tracer.ts";
import { OtelSpan, type OtelSpanOwner, type OtelSpanStart } from "./otel-span.ts";

/** Takes finished, sampled spans. */
export interface OtelExporter {
  export(span: OtelSpan): void;
  close(timeoutMs: number): Promise<void>;
}

export interface OtelTracerOptions {
  /** The always_on sampler overrides the caller's flag; it is asked only where Envoy itself decided to trace. */
  readonly alwaysOn: boolean;
  readonly node: { readonly id: string; readonly zone: string };
}

/** Envoy's OpenTelemetry tracer: W3C context only, and every span a new one. */
export class OtelTracer implements Tracer, OtelSpanOwner {
  readonly #options: OtelTracerOptions;
  readonly #exporter: OtelExporter;
  readonly #ids: RandomIds;

  constructor(options: OtelTracerOptions, exporter: OtelExporter, ids: RandomIds) {
    this.#options = options;
    this.#exporter = exporter;
    this.#ids = ids;
  }

  startSpan(start: StartSpan): Span {
    const header = start.headers.get("traceparent");
    const parent = header === undefined ? undefined : parseTraceparent(header);
    if (header !== undefined && parent === undefined) return nullSpan;
    const outbound = start.direction === "OUTBOUND";
    const span = new OtelSpan(this, {
      traceId: parent?.traceId ?? this.#ids.hex64() + this.#ids.hex64(),
      id: this.#ids.hex64(),
      parentId: parent?.parentId,
      remoteParent: parent !== undefined,
      tracestate: parent === undefined ? "" : start.headers.getAll("tracestate").join(","),
      sampled: start.decision.traced && this.#sampled(parent),
      kind: outbound && !start.spawnUpstreamSpan ? "CLIENT" : "SERVER",
      name: outbound ? `egress ${authority(start.headers)}` : "ingress",
      startTimeMicros: start.info.startTimeMicros,
      noContextPropagation: start.noContextPropagation,
    });
    span.setTag("node_id", this.#options.node.id);
    span.setTag("zone", this.#options.node.zone);
    return span;
  }

  child(parent: OtelSpan, name: string, startTimeMicros: number): OtelSpan {
    return this.#child(parent, { name, startTimeMicros });
  }

  client(
    parent: OtelSpan,
    name: string,
    startTimeMicros: number,
    sampled: boolean = parent.start.sampled,
  ): OtelSpan {
    // no_context_propagation is about the request that came in, not about the proxy's own.
    return this.#child(parent, { name, startTimeMicros, sampled, noContextPropagation: false });
  }

  #child(parent: OtelSpan, own: Partial<OtelSpanStart>): OtelSpan {
    return new OtelSpan(this, {
      ...parent.start,
      id: this.#ids.hex64(),
      parentId: parent.start.id,
      remoteParent: false,
      kind: "CLIENT",
      ...own,
    });
  }

  report(span: OtelSpan): void {
    this.#exporter.export(span);
  }

  close(timeoutMs: number): Promise<void> {
    return this.#exporter.close(timeoutMs);
  }

  #sampled(parent: Traceparent | undefined): boolean {
    return this.#options.alwaysOn || parent === undefined || parent.sampled;
  }
}

function authority(headers: HeaderMap): string {
  return headerText(headers.get(":authority") ?? "");
}
