import type { TraceSpan } from "../terminal/trace-model.ts";

/** Somewhere a unit listens. */
export interface UnitAddress {
  readonly what: string;
  readonly port: number;
}

export interface RunningUnit {
  readonly name: string;
  readonly addresses: readonly UnitAddress[];
  /** Settles when the unit ended by itself, with a text for the user. Never in a shared process. */
  readonly ended?: Promise<string>;
  close(): Promise<void>;
}

/** What a unit tells while it runs. */
export interface UnitEvents {
  log(line: string): void;
  /** A trace that got no new span for a while; only the store tells it. */
  trace(spans: readonly TraceSpan[]): void;
}
