/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/fault/v3/fault.proto */
import type { Decoder } from "../decode/decoder.ts";
import { duration } from "../decode/duration.ts";
import { flag, optional, repeated } from "../decode/field.ts";
import { empty, extension, type MessageDecoder, message } from "../decode/message.ts";
import { string, uint32 } from "../decode/scalars.ts";
import type { Empty } from "../extension.ts";
import type { HeaderMatcher } from "../header-matcher.ts";
import { headerMatcher } from "../header-matcher.ts";
import type { FractionalPercent } from "../percent.ts";
import { fractionalPercent } from "../percent.ts";

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
  readonly disableDownstreamClusterStats: boolean;
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

const delayName = "envoy.extensions.filters.common.fault.v3.FaultDelay";
const abortName = "envoy.extensions.filters.http.fault.v3.FaultAbort";

const delay: Decoder<FaultDelay> = message<FaultDelay>(
  delayName,
  {
    fixedDelayMs: optional(duration({ gt: 0 })),
    headerDelay: optional(empty(`${delayName}.HeaderDelay`)),
    percentage: optional(fractionalPercent),
  },
  {
    oneofs: [
      { name: "fault_delay_secifier", fields: ["fixed_delay", "header_delay"], required: true },
    ],
  },
);

const abort: Decoder<FaultAbort> = message<FaultAbort>(
  abortName,
  {
    httpStatus: optional(uint32({ gte: 200, lt: 600 })),
    grpcStatus: optional(uint32()),
    headerAbort: optional(empty(`${abortName}.HeaderAbort`)),
    percentage: optional(fractionalPercent),
  },
  {
    oneofs: [
      {
        name: "error_type",
        fields: ["http_status", "grpc_status", "header_abort"],
        required: true,
      },
    ],
  },
);

export const httpFault: MessageDecoder<HttpFault> = extension<HttpFault>(
  "envoy.extensions.filters.http.fault.v3.HTTPFault",
  "HTTPFault",
  {
    delay: optional(delay),
    abort: optional(abort),
    upstreamCluster: optional(string()),
    headers: repeated(headerMatcher),
    downstreamNodes: repeated(string()),
    maxActiveFaults: optional(uint32()),
    delayPercentRuntime: optional(string()),
    abortPercentRuntime: optional(string()),
    delayDurationRuntime: optional(string()),
    abortHttpStatusRuntime: optional(string()),
    maxActiveFaultsRuntime: optional(string()),
    abortGrpcStatusRuntime: optional(string()),
    disableDownstreamClusterStats: flag(),
  },
  {
    accepted: {
      filter_metadata: "nothing here reads what it would leave for other filters",
    },
    unsupported: {
      response_rate_limit: "slowing responses down",
      response_rate_limit_percent_runtime: "slowing responses down",
    },
  },
);
