/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/fault/v3/fault.proto */
import type { Empty } from "../extension.ts";
import type { HeaderMatcher } from "../header-matcher.ts";
import type { FractionalPercent } from "../percent.ts";

export interface HttpFault {
  readonly type: "HTTPFault";
  readonly delay?: FaultDelay;
  readonly abort?: FaultAbort;
  /** Only requests routed to this cluster. */
  readonly upstreamCluster?: string;
  readonly headers: readonly HeaderMatcher[];
  readonly downstreamNodes: readonly string[];
  readonly maxActiveFaults?: number;
  /** Runtime keys; the defaults are `fault.http.delay.fixed_delay_percent` and its kin. */
  readonly delayPercentRuntime?: string;
  readonly abortPercentRuntime?: string;
  readonly delayDurationRuntime?: string;
  readonly abortHttpStatusRuntime?: string;
  readonly maxActiveFaultsRuntime?: string;
  readonly abortGrpcStatusRuntime?: string;
}

/** One of fixedDelayMs and headerDelay is present. */
export interface FaultDelay {
  readonly fixedDelayMs?: number;
  readonly headerDelay?: Empty;
  /** Absent: 0. */
  readonly percentage?: FractionalPercent;
}

/** Exactly one of httpStatus, grpcStatus and headerAbort is present. */
export interface FaultAbort {
  readonly httpStatus?: number;
  readonly grpcStatus?: number;
  readonly headerAbort?: Empty;
  /** Absent: 0. */
  readonly percentage?: FractionalPercent;
}
