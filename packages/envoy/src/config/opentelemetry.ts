/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/trace/v3/opentelemetry.proto */
import type { TypedExtension } from "./extension.ts";
import type { GrpcService, HttpService } from "./http-service.ts";

/** At most one of grpcService and httpService is present; without any nothing is exported. */
export interface OpenTelemetryConfig {
  readonly type: "OpenTelemetryConfig";
  readonly grpcService?: GrpcService;
  readonly httpService?: HttpService;
  /** Absent: unknown_service:envoy. */
  readonly serviceName?: string;
  readonly resourceDetectors: readonly TypedExtension<ResourceDetector>[];
  readonly sampler?: TypedExtension<Sampler>;
  /** Spans kept while the export is under way; absent: 1024. */
  readonly maxCacheSize?: number;
}

export type ResourceDetector =
  | { readonly type: "EnvironmentResourceDetectorConfig" }
  | {
      readonly type: "StaticConfigResourceDetectorConfig";
      readonly attributes: Readonly<Record<string, string>>;
    };

export interface Sampler {
  readonly type: "AlwaysOnSamplerConfig";
}
