import { type Context, TraceFlags, trace } from "@opentelemetry/api";
import {
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";
import { getExtracted, isSampled } from "@tracemesh/propagation";

/**
 * The caller's decision stands, with or without ids; an undecided or new trace is decided by `ratio`.
 * OTel's own parent-based sampler reads "undecided" as "no", because a SpanContext cannot say it.
 */
export function createCallerSampler(ratio: number): Sampler {
  const ours = new TraceIdRatioBasedSampler(ratio);
  return {
    shouldSample(context, traceId) {
      const decided = decisionOf(context);
      return decided === undefined ? ours.shouldSample(context, traceId) : result(decided);
    },
    toString: () => `CallerSampler{${ratio}}`,
  };
}

function decisionOf(context: Context): boolean | undefined {
  const parent = trace.getSpanContext(context);
  const sampledFlag =
    parent === undefined ? undefined : (parent.traceFlags & TraceFlags.SAMPLED) !== 0;
  if (parent !== undefined && parent.isRemote !== true) return sampledFlag;
  const extracted = getExtracted(context);
  if (extracted.kind === "context") return isSampled(extracted.context.sampling);
  if (extracted.kind === "sampling-only") return isSampled(extracted.sampling);
  return sampledFlag;
}

function result(sampled: boolean): SamplingResult {
  return {
    decision: sampled ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD,
  };
}
