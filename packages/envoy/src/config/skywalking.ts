/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/trace/v3/skywalking.proto */
import type { Decoder } from "./decode/decoder.ts";
import { optional, required } from "./decode/field.ts";
import { extension, type MessageDecoder, message } from "./decode/message.ts";
import { string, uint32 } from "./decode/scalars.ts";
import type { GrpcService } from "./http-service.ts";
import { grpcService } from "./http-service.ts";

export interface SkyWalkingConfig {
  readonly type: "SkyWalkingConfig";
  readonly grpcService: GrpcService;
  readonly clientConfig?: SkyWalkingClientConfig;
}

export interface SkyWalkingClientConfig {
  /** Absent: the node's cluster, and EnvoyProxy without one. */
  readonly serviceName?: string;
  /** Absent: the node's id, and EnvoyProxy without one. */
  readonly instanceName?: string;
  /** Sent to the collector as `authentication`. */
  readonly backendToken?: string;
  /** Segments kept while the collector is away; absent: 1024. */
  readonly maxCacheSize?: number;
}

const clientConfig: Decoder<SkyWalkingClientConfig> = message<SkyWalkingClientConfig>(
  "envoy.config.trace.v3.ClientConfig",
  {
    serviceName: optional(string()),
    instanceName: optional(string()),
    backendToken: optional(string()),
    maxCacheSize: optional(uint32()),
  },
);

export const skyWalkingConfig: MessageDecoder<SkyWalkingConfig> = extension<SkyWalkingConfig>(
  "envoy.config.trace.v3.SkyWalkingConfig",
  "SkyWalkingConfig",
  { grpcService: required(grpcService), clientConfig: optional(clientConfig) },
);
