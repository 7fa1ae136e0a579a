/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/trace/v3/zipkin.proto */
import type { Decoder } from "./decode/decoder.ts";
import { enumeration } from "./decode/enumeration.ts";
import { flag, named, optional } from "./decode/field.ts";
import { extension, fieldPlace, type MessageDecoder } from "./decode/message.ts";
import { bool, string } from "./decode/scalars.ts";
import type { HttpService } from "./http-service.ts";
import { httpService } from "./http-service.ts";

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

const name = "envoy.config.trace.v3.ZipkinConfig";

/** The enum's value 0, which Envoy took away. */
const removed = "DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE";

type EndpointVersion = NonNullable<ZipkinConfig["collectorEndpointVersion"]> | typeof removed;

interface AsWritten extends Omit<ZipkinConfig, "collectorEndpointVersion"> {
  readonly collectorEndpointVersion?: EndpointVersion;
}

const endpointVersion: Decoder<EndpointVersion> = enumeration<EndpointVersion>(
  `${name}.CollectorEndpointVersion`,
  { [removed]: 0, HTTP_JSON: 1, HTTP_PROTO: 2 },
  {
    unsupported: {
      GRPC: { number: 3, feature: "reports over gRPC, which Envoy does not implement either" },
    },
  },
);

/** Envoy's words for it. */
const removedDefault = `type ${name} Using the default now-deprecated value ${removed} for enum '${name}.collector_endpoint_version' from file zipkin.proto. This enum value will be removed from Envoy soon so a non-default value must now be explicitly set. Please see https://www.envoyproxy.io/docs/envoy/latest/version_history/version_history for details. If continued use of this field is absolutely necessary, see https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/runtime#using-runtime-overrides-for-deprecated-features for how to apply a temporary and highly discouraged override.`;

const asWritten: MessageDecoder<AsWritten> = extension<AsWritten>(
  name,
  "ZipkinConfig",
  {
    collectorCluster: optional(string()),
    collectorEndpoint: optional(string()),
    collectorEndpointVersion: optional(endpointVersion),
    collectorHostname: optional(string()),
    collectorService: optional(httpService),
    traceId128bit: named("trace_id_128bit", flag()),
    sharedSpanContext: optional(bool()),
    splitSpansForRequest: flag(),
    traceContextOption: optional(
      enumeration<NonNullable<ZipkinConfig["traceContextOption"]>>(`${name}.TraceContextOption`, {
        USE_B3: 0,
        USE_B3_WITH_W3C_PROPAGATION: 1,
      }),
    ),
  },
  {
    unsupported: { timestamp_trace_ids: "trace ids that start with a timestamp" },
    check(config, at, node) {
      if ((config.collectorEndpointVersion ?? removed) === removed) {
        const message =
          "collector_endpoint_version is required: its default was taken away; allowed are HTTP_JSON, HTTP_PROTO";
        at.field("collector_endpoint_version").add(
          "listeners",
          fieldPlace(node, "collector_endpoint_version"),
          message,
          removedDefault,
        );
      }
      const { collectorService, collectorCluster = "", collectorEndpoint = "" } = config;
      if (collectorService === undefined && (collectorCluster === "" || collectorEndpoint === "")) {
        const rule =
          "collector_cluster and collector_endpoint must be specified when not using collector_service";
        at.add("listeners", node.at, rule, rule);
      }
      if (collectorService !== undefined && collectorService.httpUri === undefined) {
        const rule = "collector_service.http_uri must be specified when using collector_service";
        at.field("collector_service").add("listeners", node.at, rule, rule);
      }
    },
  },
);

/** The check above lets no removed value pass. */
export const zipkinConfig: MessageDecoder<ZipkinConfig> = asWritten as MessageDecoder<ZipkinConfig>;
