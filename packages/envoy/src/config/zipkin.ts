/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/trace/v3/zipkin.proto */
import type { HttpService } from "./http-service.ts";

export interface ZipkinConfig {
  readonly type: "ZipkinConfig";
  /** Cluster and path of the collector, unless collectorService is present. */
  readonly collectorCluster?: string;
  readonly collectorEndpoint?: string;
  readonly collectorEndpointVersion?: "HTTP_JSON" | "HTTP_PROTO";
  /** Absent: the cluster's name. */
  readonly collectorHostname?: string;
  readonly collectorService?: HttpService;
  readonly traceId128bit: boolean;
  /** Absent: true. */
  readonly sharedSpanContext?: boolean;
  readonly splitSpansForRequest: boolean;
  /** Absent: USE_B3. */
  readonly traceContextOption?: "USE_B3" | "USE_B3_WITH_W3C_PROPAGATION";
}
