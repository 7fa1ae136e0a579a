/** Whether a request is traced, by Envoy's rules; B3 or W3C headers of the caller may still overrule it. */
import type { FractionalPercent } from "../config/percent.ts";
import type { RouteTracing } from "../config/route.ts";
import type { Tracing } from "../config/tracing.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { RequestIdExtension } from "../request-id/uuid-request-id.ts";
import type { RandomIds } from "./random-ids.ts";
import { featureEnabled, type RuntimeValues } from "./runtime-values.ts";
import type { TraceReason, TracingDecision } from "./tracer.ts";

/** The three shares of a connection manager or of a route. */
export interface Shares {
  readonly client: FractionalPercent;
  readonly random: FractionalPercent;
  readonly overall: FractionalPercent;
}

export interface SamplingInput {
  readonly headers: HeaderMap;
  readonly shares: Shares;
  /** The matched route's; they replace the connection manager's. */
  readonly routeShares: Shares | undefined;
  readonly requestId: RequestIdExtension;
  readonly runtime: RuntimeValues;
  readonly ids: RandomIds;
  /** The health_check filter recognised it. */
  readonly healthCheck: boolean;
}

const all: FractionalPercent = { numerator: 100, denominator: "HUNDRED" };

const decisions: Readonly<Record<TraceReason, TracingDecision>> = {
  "not-traceable": { traced: false, reason: "not-traceable" },
  "not-traceable-request-id": { traced: false, reason: "not-traceable-request-id" },
  "health-check": { traced: false, reason: "health-check" },
  sampling: { traced: true, reason: "sampling" },
  "service-forced": { traced: true, reason: "service-forced" },
  "client-forced": { traced: true, reason: "client-forced" },
};

/** Percent with two decimals; client_sampling counts whole percents only. */
export function sharesOf(tracing: Tracing): Shares {
  return {
    client: { numerator: Math.trunc(tracing.clientSampling ?? 100), denominator: "HUNDRED" },
    random: hundredths(tracing.randomSampling),
    overall: hundredths(tracing.overallSampling),
  };
}

export function routeSharesOf(tracing: RouteTracing): Shares {
  return {
    client: tracing.clientSampling ?? all,
    random: tracing.randomSampling ?? all,
    overall: tracing.overallSampling ?? all,
  };
}

function hundredths(percent = 100): FractionalPercent {
  return { numerator: Math.round(percent * 100), denominator: "TEN_THOUSAND" };
}

/** Decides, and writes the reason into x-request-id. */
export function decideTracing(input: SamplingInput): TracingDecision {
  const reason = markRequestId(input);
  return decisions[input.healthCheck ? "health-check" : reason];
}

function markRequestId(input: SamplingInput): TraceReason {
  const { headers, requestId, runtime } = input;
  if (!requestId.useForTraceSampling) return "sampling";
  const integer = requestId.integer(headers);
  if (integer === undefined) return "not-traceable-request-id";
  const draw = integer % 10_000;
  const shares = input.routeShares ?? input.shares;
  let reason = requestId.reason(headers);
  if (reason === "not-traceable") {
    if (clientForced(input, shares)) reason = "client-forced";
    else if (headers.has("x-envoy-force-trace")) reason = "service-forced";
    else if (featureEnabled(runtime, "tracing.random_sampling", shares.random, draw))
      reason = "sampling";
    // Other version numbers than 4 stay when nothing marks the id; not-traceable is only ever written over a reason.
    if (reason !== "not-traceable") requestId.setReason(headers, reason);
  }
  if (reason === "not-traceable") return reason;
  if (featureEnabled(runtime, "tracing.global_enabled", shares.overall, draw)) return reason;
  requestId.setReason(headers, "not-traceable");
  return "not-traceable";
}

function clientForced({ headers, runtime, ids }: SamplingInput, shares: Shares): boolean {
  return (
    headers.has("x-client-trace-id") &&
    featureEnabled(runtime, "tracing.client_enabled", shares.client, ids.uint32())
  );
}

/** The counter under `http.<stat_prefix>.tracing.` that a decision belongs to. */
export function tracingCounterName(reason: TraceReason): string {
  switch (reason) {
    case "client-forced":
      return "client_enabled";
    case "service-forced":
      return "service_forced";
    case "sampling":
      return "random_sampling";
    case "health-check":
      return "health_check";
    default:
      return "not_traceable";
  }
}
