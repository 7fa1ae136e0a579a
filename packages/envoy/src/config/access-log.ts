/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/accesslog/v3/accesslog.proto */
import type { Empty, TypedExtension } from "./extension.ts";
import type { HeaderMatcher } from "./header-matcher.ts";
import type { FractionalPercent } from "./percent.ts";
import type { SubstitutionFormatString } from "./substitution-format.ts";

export interface AccessLog extends TypedExtension<AccessLogConfig> {
  readonly filter?: AccessLogFilter;
}

export type AccessLogConfig = FileAccessLog | StreamAccessLog;

/** Without a format: Envoy's default line. */
export interface FileAccessLog {
  readonly type: "FileAccessLog";
  readonly path: string;
  readonly logFormat?: SubstitutionFormatString;
}

export interface StreamAccessLog {
  readonly type: "StdoutAccessLog" | "StderrAccessLog";
  readonly logFormat?: SubstitutionFormatString;
}

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

/** In order of their numbers. https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
export type GrpcStatus =
  | "OK"
  | "CANCELED"
  | "UNKNOWN"
  | "INVALID_ARGUMENT"
  | "DEADLINE_EXCEEDED"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "PERMISSION_DENIED"
  | "RESOURCE_EXHAUSTED"
  | "FAILED_PRECONDITION"
  | "ABORTED"
  | "OUT_OF_RANGE"
  | "UNIMPLEMENTED"
  | "INTERNAL"
  | "UNAVAILABLE"
  | "DATA_LOSS"
  | "UNAUTHENTICATED";
