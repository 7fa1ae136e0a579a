/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener.proto */
import type { AccessLog } from "./access-log.ts";
import type { Address } from "./address.ts";
import type { TypedExtension } from "./extension.ts";
import type { HttpConnectionManager } from "./http-connection-manager.ts";
import type { Metadata } from "./metadata.ts";

export type TrafficDirection = "UNSPECIFIED" | "INBOUND" | "OUTBOUND";

export interface Listener {
  readonly name?: string;
  readonly address: Address;
  readonly additionalAddresses: readonly Address[];
  readonly statPrefix?: string;
  /** Exactly one. */
  readonly filterChains: readonly FilterChain[];
  /** Absent: 1 MiB. */
  readonly perConnectionBufferLimitBytes?: number;
  readonly metadata?: Metadata;
  readonly trafficDirection?: TrafficDirection;
  readonly accessLog: readonly AccessLog[];
}

export interface FilterChain {
  readonly name?: string;
  /** The connection manager, last and alone. */
  readonly filters: readonly NetworkFilter[];
}

export type NetworkFilter = TypedExtension<HttpConnectionManager>;
