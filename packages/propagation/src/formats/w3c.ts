import { type Context, createContextKey, type TextMapSetter } from "@opentelemetry/api";
import { EMPTY, type Extracted, isSampled, padTraceId } from "../trace-context.ts";
import { parseTraceparent, TRACEPARENT, writeTraceparent } from "./traceparent.ts";
import { parseTracestate, TRACESTATE } from "./tracestate.ts";

/** What W3C Trace Context says beyond an Extracted; travels in the Context. */
interface W3cState {
  readonly traceId: string;
  readonly random: boolean;
  readonly tracestate: string | undefined;
}

const STATE = createContextKey("tracemesh.w3c");

export const W3C_FIELDS: readonly string[] = [TRACEPARENT, TRACESTATE];

/** All values of a header; W3C treats a repeated `traceparent` as none. */
export type AllValues = (name: string) => readonly string[];

/** Reads `traceparent` and `tracestate`. */
export function extractW3c(
  context: Context,
  values: AllValues,
): { readonly context: Context; readonly extracted: Extracted } {
  const parent = parseTraceparent(values(TRACEPARENT));
  if (parent === undefined) return { context, extracted: EMPTY };
  const { traceId, spanId, sampled, random } = parent;
  const state: W3cState = { traceId, random, tracestate: parseTracestate(values(TRACESTATE)) };
  return {
    context: context.setValue(STATE, state),
    extracted: {
      kind: "context",
      context: { traceId, spanId, sampling: sampled ? "sampled" : "not-sampled", shared: false },
    },
  };
}

/** Writes `traceparent`, and the caller's `tracestate` if the trace is still the caller's. */
export function injectW3c<Carrier>(
  context: Context,
  extracted: Extracted,
  carrier: Carrier,
  setter: TextMapSetter<Carrier>,
): void {
  if (extracted.kind !== "context") return;
  const { traceId, spanId, sampling } = extracted.context;
  const received = context.getValue(STATE) as W3cState | undefined;
  const state = received?.traceId === padTraceId(traceId) ? received : undefined;
  const traceparent = {
    traceId,
    spanId,
    sampled: isSampled(sampling) === true,
    random: state?.random ?? false,
  };
  setter.set(carrier, TRACEPARENT, writeTraceparent(traceparent));
  if (state?.tracestate !== undefined) setter.set(carrier, TRACESTATE, state.tracestate);
}
