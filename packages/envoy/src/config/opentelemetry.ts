/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/trace/v3/opentelemetry.proto */
import type { Registry } from "./decode/any.ts";
import type { Decoder } from "./decode/decoder.ts";
import { map, optional, repeated } from "./decode/field.ts";
import { extension, type MessageDecoder } from "./decode/message.ts";
import { string, uint32 } from "./decode/scalars.ts";
import type { TypedExtension } from "./extension.ts";
import type { GrpcService, HttpService } from "./http-service.ts";
import { grpcService, httpService } from "./http-service.ts";
import { namedExtension } from "./named-extension.ts";

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

const typedExtensionConfig = "envoy.config.core.v3.TypedExtensionConfig";
const detectors = "envoy.extensions.tracers.opentelemetry.resource_detectors.v3";
const samplers = "envoy.extensions.tracers.opentelemetry.samplers.v3";

type EnvironmentDetector = Extract<ResourceDetector, { type: "EnvironmentResourceDetectorConfig" }>;
type StaticDetector = Extract<ResourceDetector, { type: "StaticConfigResourceDetectorConfig" }>;

const detectorRegistry: Registry<ResourceDetector> = {
  [`${detectors}.EnvironmentResourceDetectorConfig`]: extension<EnvironmentDetector>(
    `${detectors}.EnvironmentResourceDetectorConfig`,
    "EnvironmentResourceDetectorConfig",
    {},
  ),
  [`${detectors}.StaticConfigResourceDetectorConfig`]: extension<StaticDetector>(
    `${detectors}.StaticConfigResourceDetectorConfig`,
    "StaticConfigResourceDetectorConfig",
    { attributes: map(string({ minLen: 1 })) },
  ),
};

const samplerRegistry: Registry<Sampler> = {
  [`${samplers}.AlwaysOnSamplerConfig`]: extension<Sampler>(
    `${samplers}.AlwaysOnSamplerConfig`,
    "AlwaysOnSamplerConfig",
    {},
  ),
};

const resourceDetector: Decoder<TypedExtension<ResourceDetector>> =
  namedExtension<ResourceDetector>(
    typedExtensionConfig,
    {
      category: "resource detector",
      packages: [detectors],
      registry: () => detectorRegistry,
    },
    {},
  );

const sampler: Decoder<TypedExtension<Sampler>> = namedExtension<Sampler>(
  typedExtensionConfig,
  { category: "sampler", packages: [samplers], registry: () => samplerRegistry },
  {},
);

export const openTelemetryConfig: MessageDecoder<OpenTelemetryConfig> =
  extension<OpenTelemetryConfig>(
    "envoy.config.trace.v3.OpenTelemetryConfig",
    "OpenTelemetryConfig",
    {
      grpcService: optional(grpcService),
      httpService: optional(httpService),
      serviceName: optional(string()),
      resourceDetectors: repeated(resourceDetector),
      sampler: optional(sampler),
      maxCacheSize: optional(uint32()),
    },
    {
      check({ grpcService, httpService }, at, node) {
        if (grpcService === undefined || httpService === undefined) return;
        const rule =
          "OpenTelemetry Tracer cannot have both gRPC and HTTP exporters configured. OpenTelemetry tracer will be disabled.";
        at.add("listeners", node.at, "grpc_service and http_service exclude each other", rule);
      },
    },
  );
