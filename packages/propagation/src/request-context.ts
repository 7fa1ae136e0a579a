import { type Context, createContextKey } from "@opentelemetry/api";
import type { HeaderRecord } from "./carrier.ts";
import { EMPTY, type Extracted } from "./trace-context.ts";

// An OTel SpanContext holds neither "unset", "debug", a parent id, a 64-bit trace id nor a lone decision.
const EXTRACTED = createContextKey("tracemesh.extracted");
const FORWARDED = createContextKey("tracemesh.forwarded");

export function withExtracted(context: Context, extracted: Extracted): Context {
  return context.setValue(EXTRACTED, extracted);
}

/** What the caller sent, exactly; empty where nothing was extracted. */
export function getExtracted(context: Context): Extracted {
  return (context.getValue(EXTRACTED) as Extracted | undefined) ?? EMPTY;
}

export function withForwarded(context: Context, headers: HeaderRecord): Context {
  return context.setValue(FORWARDED, headers);
}

/** The headers that outgoing calls of this request relay. */
export function getForwarded(context: Context): HeaderRecord {
  return (context.getValue(FORWARDED) as HeaderRecord | undefined) ?? {};
}
