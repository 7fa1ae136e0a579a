/** Tracing of a connection manager. https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto#extensions-filters-network-http-connection-manager-v3-httpconnectionmanager-tracing */
import type { CustomTag } from "./custom-tag.ts";
import type { TypedExtension } from "./extension.ts";
import type { OpenTelemetryConfig } from "./opentelemetry.ts";
import type { Percent } from "./percent.ts";
import type { ZipkinConfig } from "./zipkin.ts";

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

export type TracingProvider = TypedExtension<ZipkinConfig | OpenTelemetryConfig>;
