/** Tracing of a connection manager. https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto#extensions-filters-network-http-connection-manager-v3-httpconnectionmanager-tracing */

import type { CustomTag } from "./custom-tag.ts";
import { customTag } from "./custom-tag.ts";
import type { Decoder } from "./decode/decoder.ts";
import { flag, optional, repeated } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { bool, string, uint32 } from "./decode/scalars.ts";
import type { TypedExtension } from "./extension.ts";
import { namedExtension } from "./named-extension.ts";
import type { OpenTelemetryConfig } from "./opentelemetry.ts";
import { openTelemetryConfig } from "./opentelemetry.ts";
import type { Percent } from "./percent.ts";
import { percent } from "./percent.ts";
import type { SkyWalkingConfig } from "./skywalking.ts";
import { skyWalkingConfig } from "./skywalking.ts";
import type { ZipkinConfig } from "./zipkin.ts";
import { zipkinConfig } from "./zipkin.ts";

/** Absent shares mean 100 %. */
export interface Tracing {
  readonly clientSampling?: Percent;
  readonly randomSampling?: Percent;
  readonly overallSampling?: Percent;
  readonly verbose: boolean;
  /** Absent: 256. */
  readonly maxPathTagLength?: number;
  readonly customTags: readonly CustomTag[];
  /** Absent: the bootstrap's tracing.http. */
  readonly provider?: TracingProvider;
  readonly spawnUpstreamSpan?: boolean;
  /** Format strings. */
  readonly operation?: string;
  readonly upstreamOperation?: string;
  readonly noContextPropagation: boolean;
}

export type TracingProvider = TypedExtension<TracerConfig>;

export type TracerConfig = ZipkinConfig | OpenTelemetryConfig | SkyWalkingConfig;

export const tracingProvider: Decoder<TracingProvider> = namedExtension<TracerConfig>(
  "envoy.config.trace.v3.Tracing.Http",
  {
    category: "tracing provider",
    packages: ["envoy.config.trace.v3.", "envoy.extensions.tracers."],
    registry: () => ({
      "envoy.config.trace.v3.ZipkinConfig": zipkinConfig,
      "envoy.config.trace.v3.OpenTelemetryConfig": openTelemetryConfig,
      "envoy.config.trace.v3.SkyWalkingConfig": skyWalkingConfig,
    }),
  },
  {},
);

export const tracing: Decoder<Tracing> = message<Tracing>(
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.Tracing",
  {
    clientSampling: optional(percent),
    randomSampling: optional(percent),
    overallSampling: optional(percent),
    verbose: flag(),
    maxPathTagLength: optional(uint32()),
    customTags: repeated(customTag),
    provider: optional(tracingProvider),
    spawnUpstreamSpan: optional(bool()),
    operation: optional(string()),
    upstreamOperation: optional(string()),
    noContextPropagation: flag(),
  },
);
