import type { HeaderMap } from "../../http/header-map.ts";
import type { Span } from "../tracer.ts";
import type { Segment } from "./segment.ts";
import { writeSw8 } from "./sw8.ts";

export const sw8Header = "sw8";

/** SkyWalking's names for some of Envoy's tags. */
const tagNames: Readonly<Record<string, string>> = {
  "http.url": "url",
  "http.status_code": "status_code",
};

/** A span under way. The fields are public because the encoder reads them. */
export class SkyWalkingSpan implements Span {
  readonly isRecording = true;
  readonly segment: Segment;
  readonly id: number;
  /** -1: none. */
  readonly parentId: number;
  /** Entry spans are what came in, exit spans what was called. */
  readonly isExit: boolean;
  /** The collector is to keep it out of its statistics. */
  readonly skipsAnalysis: boolean;
  readonly operation: string;
  readonly startTimeMicros: number;
  endTimeMicros: number | undefined;
  isError = false;
  peer = "";
  /** key, value, key, value, ...; what is set twice is there twice. */
  readonly tags: string[] = [];
  /** timestamp and event in turn. */
  logs: (number | string)[] | undefined;
  readonly #noContextPropagation: boolean;

  constructor(
    segment: Segment,
    start: {
      readonly parentId: number;
      readonly isExit: boolean;
      readonly skipsAnalysis: boolean;
      readonly operation: string;
      readonly startTimeMicros: number;
      readonly noContextPropagation: boolean;
    },
  ) {
    this.segment = segment;
    this.id = segment.spans.length;
    this.parentId = start.parentId;
    this.isExit = start.isExit;
    this.skipsAnalysis = start.skipsAnalysis;
    this.operation = start.operation;
    this.startTimeMicros = start.startTimeMicros;
    this.#noContextPropagation = start.noContextPropagation;
    segment.spans.push(this);
  }

  get traceId(): string {
    return this.segment.traceId;
  }

  get spanId(): undefined {
    return undefined;
  }

  /** Envoy's SkyWalking spans are called by the path, whatever decorators say. */
  setOperation(): void {}

  setTag(key: string, value: string): void {
    if (key === "peer.address") {
      this.peer = value;
      return;
    }
    if (key === "error") this.isError = true;
    this.tags.push(tagNames[key] ?? key, value);
  }

  log(timestampMicros: number, event: string): void {
    this.logs ??= [];
    this.logs.push(timestampMicros, event);
  }

  /** Only calls tell whom they come from: without a span for the attempt the caller's header passes as it is. */
  injectContext(headers: HeaderMap, target?: string): void {
    if (!this.isExit || this.#noContextPropagation) return;
    const { traceId, id, owner, spans } = this.segment;
    const value = writeSw8({
      traceId,
      segmentId: id,
      spanId: this.id,
      service: owner.service,
      instance: owner.instance,
      endpoint: spans[0]?.operation ?? "",
      target: target ?? headers.get(":authority") ?? "",
    });
    headers.remove(sw8Header);
    headers.add(sw8Header, value);
  }

  spawnChild(_operation: string, startTimeMicros: number): SkyWalkingSpan {
    return this.#exit(startTimeMicros, this.skipsAnalysis, this.#noContextPropagation);
  }

  spawnClient(
    _operation: string,
    startTimeMicros: number,
    sampled: boolean | undefined,
  ): SkyWalkingSpan {
    return this.#exit(startTimeMicros, sampled === false || this.skipsAnalysis, false);
  }

  finish(endTimeMicros: number): void {
    if (this.endTimeMicros !== undefined) return;
    this.endTimeMicros = Math.max(this.startTimeMicros, endTimeMicros);
    this.segment.spanEnded();
  }

  #exit(
    startTimeMicros: number,
    skipsAnalysis: boolean,
    noContextPropagation: boolean,
  ): SkyWalkingSpan {
    return new SkyWalkingSpan(this.segment, {
      parentId: this.id,
      isExit: true,
      skipsAnalysis,
      operation: this.operation,
      startTimeMicros,
      noContextPropagation,
    });
  }
}
