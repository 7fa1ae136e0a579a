import { headerText } from "../header-text.ts";
import { nullSpan } from "../null-span.ts";
import type { RandomIds } from "../random-ids.ts";
import type { Span, StartSpan, Tracer } from "../tracer.ts";
import { Segment, type SegmentOwner } from "./segment.ts";
import { SkyWalkingSpan, sw8Header } from "./skywalking-span.ts";
import { parseSw8 } from "./sw8.ts";

/** Takes segments whose spans have all ended. */
export interface SegmentReporter {
  report(segment: Segment): void;
  close(timeoutMs: number): Promise<void>;
}

export interface SkyWalkingTracerOptions {
  readonly service: string;
  readonly instance: string;
  /** Tags of every request's span. */
  readonly node: { readonly id: string; readonly zone: string };
}

/** Envoy's SkyWalking tracer: a segment a request. */
export class SkyWalkingTracer implements Tracer, SegmentOwner {
  readonly service: string;
  readonly instance: string;
  readonly #node: SkyWalkingTracerOptions["node"];
  readonly #reporter: SegmentReporter;
  readonly #ids: RandomIds;

  constructor(options: SkyWalkingTracerOptions, reporter: SegmentReporter, ids: RandomIds) {
    this.service = options.service;
    this.instance = options.instance;
    this.#node = options.node;
    this.#reporter = reporter;
    this.#ids = ids;
  }

  startSpan(start: StartSpan): Span {
    const header = start.headers.get(sw8Header);
    const parent = header === undefined ? undefined : parseSw8(header);
    // Whoever sends a trace along wants it, whatever the sampling here.
    if (parent === undefined && !start.decision.traced) return nullSpan;
    const traceId = parent?.traceId ?? this.#ids.uuid();
    const segment = new Segment(this, traceId, this.#ids.uuid(), parent);
    const span = new SkyWalkingSpan(segment, {
      parentId: -1,
      isExit: false,
      skipsAnalysis: false,
      operation: headerText(start.headers.get(":path") ?? ""),
      startTimeMicros: start.info.startTimeMicros,
      noContextPropagation: start.noContextPropagation,
    });
    span.setTag("node_id", this.#node.id);
    span.setTag("zone", this.#node.zone);
    return span;
  }

  report(segment: Segment): void {
    this.#reporter.report(segment);
  }

  close(timeoutMs: number): Promise<void> {
    return this.#reporter.close(timeoutMs);
  }
}
