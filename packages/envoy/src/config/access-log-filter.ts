/** Which requests are logged. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/accesslog/v3/accesslog.proto */
import type { Decoder } from "./decode/decoder.ts";
import { enumeration } from "./decode/enumeration.ts";
import { flag, optional, repeated, required } from "./decode/field.ts";
import { empty, lazy, type MessageDecoder, message } from "./decode/message.ts";
import { bool, string, uint32 } from "./decode/scalars.ts";
import type { Empty } from "./extension.ts";
import type { HeaderMatcher } from "./header-matcher.ts";
import { headerMatcher } from "./header-matcher.ts";
import type { MetadataMatcher } from "./metadata-matcher.ts";
import { metadataMatcher } from "./metadata-matcher.ts";
import type { FractionalPercent } from "./percent.ts";
import { fractionalPercent } from "./percent.ts";

/** Exactly one is present. */
export interface AccessLogFilter {
  readonly statusCodeFilter?: { readonly comparison: ComparisonFilter };
  readonly durationFilter?: { readonly comparison: ComparisonFilter };
  readonly notHealthCheckFilter?: Empty;
  readonly traceableFilter?: Empty;
  readonly runtimeFilter?: RuntimeFilter;
  readonly andFilter?: { readonly filters: readonly AccessLogFilter[] };
  readonly orFilter?: { readonly filters: readonly AccessLogFilter[] };
  readonly headerFilter?: { readonly header: HeaderMatcher };
  /** No flags: any flag will do. */
  readonly responseFlagFilter?: { readonly flags: readonly string[] };
  readonly grpcStatusFilter?: {
    readonly statuses: readonly GrpcStatus[];
    readonly exclude: boolean;
  };
  readonly logTypeFilter?: { readonly types: readonly AccessLogType[]; readonly exclude: boolean };
  /** Of what filters left for the request. */
  readonly metadataFilter?: {
    /** Absent: everything matches. */
    readonly matcher?: MetadataMatcher;
    /** Absent: true. */
    readonly matchIfKeyNotFound?: boolean;
  };
}

export interface ComparisonFilter {
  /** Absent: EQ. */
  readonly op?: "EQ" | "GE" | "LE" | "NE";
  readonly value: { readonly defaultValue?: number; readonly runtimeKey: string };
}

export interface RuntimeFilter {
  readonly runtimeKey: string;
  readonly percentSampled?: FractionalPercent;
  readonly useIndependentRandomness: boolean;
}

/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
export const grpcStatusNumbers = {
  OK: 0,
  CANCELED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type GrpcStatus = keyof typeof grpcStatusNumbers;

/** What a line is written for; ours are NotSet, TcpConnectionEnd and DownstreamEnd. */
const accessLogTypeNumbers = {
  NotSet: 0,
  TcpUpstreamConnected: 1,
  TcpPeriodic: 2,
  TcpConnectionEnd: 3,
  DownstreamStart: 4,
  DownstreamPeriodic: 5,
  DownstreamEnd: 6,
  UpstreamPoolReady: 7,
  UpstreamPeriodic: 8,
  UpstreamEnd: 9,
  DownstreamTunnelSuccessfullyEstablished: 10,
  UdpTunnelUpstreamConnected: 11,
  UdpPeriodic: 12,
  UdpSessionEnd: 13,
} as const;

export type AccessLogType = keyof typeof accessLogTypeNumbers;

const configPackage = "envoy.config.accesslog.v3";

const comparisonFilter: Decoder<ComparisonFilter> = message<ComparisonFilter>(
  `${configPackage}.ComparisonFilter`,
  {
    op: optional(
      enumeration<NonNullable<ComparisonFilter["op"]>>(`${configPackage}.ComparisonFilter.Op`, {
        EQ: 0,
        GE: 1,
        LE: 2,
        NE: 3,
      }),
    ),
    value: required(
      message<ComparisonFilter["value"]>("envoy.config.core.v3.RuntimeUInt32", {
        defaultValue: optional(uint32()),
        runtimeKey: required(string()),
      }),
    ),
  },
);

const grpcStatus: Decoder<GrpcStatus> = enumeration<GrpcStatus>(
  `${configPackage}.GrpcStatusFilter.Status`,
  grpcStatusNumbers,
);

const accessLogType: Decoder<AccessLogType> = enumeration<AccessLogType>(
  "envoy.data.accesslog.v3.AccessLogType",
  accessLogTypeNumbers,
);

const filterName = `${configPackage}.AccessLogFilter`;

const several = (name: string): MessageDecoder<{ readonly filters: readonly AccessLogFilter[] }> =>
  message<{ readonly filters: readonly AccessLogFilter[] }>(`${configPackage}.${name}`, {
    filters: repeated(
      lazy(() => accessLogFilter),
      { minItems: 2 },
    ),
  });

const comparison = (name: string): MessageDecoder<{ readonly comparison: ComparisonFilter }> =>
  message<{ readonly comparison: ComparisonFilter }>(`${configPackage}.${name}`, {
    comparison: required(comparisonFilter),
  });

export const accessLogFilter: MessageDecoder<AccessLogFilter> = message<AccessLogFilter>(
  filterName,
  {
    statusCodeFilter: optional(comparison("StatusCodeFilter")),
    durationFilter: optional(comparison("DurationFilter")),
    notHealthCheckFilter: optional(empty(`${configPackage}.NotHealthCheckFilter`)),
    traceableFilter: optional(empty(`${configPackage}.TraceableFilter`)),
    runtimeFilter: optional(
      message<RuntimeFilter>(`${configPackage}.RuntimeFilter`, {
        runtimeKey: required(string({ minLen: 1 })),
        percentSampled: optional(fractionalPercent),
        useIndependentRandomness: flag(),
      }),
    ),
    andFilter: optional(several("AndFilter")),
    orFilter: optional(several("OrFilter")),
    headerFilter: optional(
      message<NonNullable<AccessLogFilter["headerFilter"]>>(`${configPackage}.HeaderFilter`, {
        header: required(headerMatcher),
      }),
    ),
    responseFlagFilter: optional(
      message<NonNullable<AccessLogFilter["responseFlagFilter"]>>(
        `${configPackage}.ResponseFlagFilter`,
        { flags: repeated(string()) },
      ),
    ),
    grpcStatusFilter: optional(
      message<NonNullable<AccessLogFilter["grpcStatusFilter"]>>(
        `${configPackage}.GrpcStatusFilter`,
        { statuses: repeated(grpcStatus), exclude: flag() },
      ),
    ),
    logTypeFilter: optional(
      message<NonNullable<AccessLogFilter["logTypeFilter"]>>(`${configPackage}.LogTypeFilter`, {
        types: repeated(accessLogType),
        exclude: flag(),
      }),
    ),
    metadataFilter: optional(
      message<NonNullable<AccessLogFilter["metadataFilter"]>>(`${configPackage}.MetadataFilter`, {
        matcher: optional(metadataMatcher),
        matchIfKeyNotFound: optional(bool()),
      }),
    ),
  },
  {
    oneofs: [
      {
        name: "filter_specifier",
        fields: [
          "status_code_filter",
          "duration_filter",
          "not_health_check_filter",
          "traceable_filter",
          "runtime_filter",
          "and_filter",
          "or_filter",
          "header_filter",
          "response_flag_filter",
          "grpc_status_filter",
          "log_type_filter",
          "metadata_filter",
        ],
        required: true,
      },
    ],
    unsupported: {
      extension_filter: "access log filter extensions",
    },
  },
);
