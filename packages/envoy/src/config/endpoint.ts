/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/endpoint/v3/endpoint_components.proto */

import type { Address } from "./address.ts";
import { address } from "./address.ts";
import type { Decoder } from "./decode/decoder.ts";
import { enumeration } from "./decode/enumeration.ts";
import { optional, repeated, required } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { string, uint32 } from "./decode/scalars.ts";
import type { Metadata } from "./metadata.ts";
import { metadata } from "./metadata.ts";

export interface ClusterLoadAssignment {
  readonly clusterName: string;
  readonly endpoints: readonly LocalityLbEndpoints[];
}

export interface Locality {
  readonly region?: string;
  readonly zone?: string;
  readonly subZone?: string;
}

export interface LocalityLbEndpoints {
  readonly locality?: Locality;
  readonly lbEndpoints: readonly LbEndpoint[];
  readonly loadBalancingWeight?: number;
  /** Absent: 0, the highest. */
  readonly priority?: number;
}

export type HealthStatus =
  | "UNKNOWN"
  | "HEALTHY"
  | "UNHEALTHY"
  | "DRAINING"
  | "TIMEOUT"
  | "DEGRADED";

export interface LbEndpoint {
  readonly endpoint: Endpoint;
  readonly healthStatus?: HealthStatus;
  readonly metadata?: Metadata;
  readonly loadBalancingWeight?: number;
}

export interface Endpoint {
  readonly address: Address;
  readonly hostname?: string;
}

export const locality: Decoder<Locality> = message<Locality>("envoy.config.core.v3.Locality", {
  region: optional(string()),
  zone: optional(string()),
  subZone: optional(string()),
});

const endpoint: Decoder<Endpoint> = message<Endpoint>(
  "envoy.config.endpoint.v3.Endpoint",
  { address: required(address), hostname: optional(string()) },
  {
    unsupported: {
      health_check_config: "active health checks",
      additional_addresses: "additional addresses of an endpoint",
    },
  },
);

const lbEndpoint: Decoder<LbEndpoint> = message<LbEndpoint>(
  "envoy.config.endpoint.v3.LbEndpoint",
  {
    endpoint: required(endpoint),
    healthStatus: optional(
      enumeration<HealthStatus>("envoy.config.core.v3.HealthStatus", {
        UNKNOWN: 0,
        HEALTHY: 1,
        UNHEALTHY: 2,
        DRAINING: 3,
        TIMEOUT: 4,
        DEGRADED: 5,
      }),
    ),
    metadata: optional(metadata),
    loadBalancingWeight: optional(uint32({ gte: 1 })),
  },
  { unsupported: { endpoint_name: "named endpoints" } },
);

const localityLbEndpoints: Decoder<LocalityLbEndpoints> = message<LocalityLbEndpoints>(
  "envoy.config.endpoint.v3.LocalityLbEndpoints",
  {
    locality: optional(locality),
    lbEndpoints: repeated(lbEndpoint),
    loadBalancingWeight: optional(uint32({ gte: 1 })),
    priority: optional(uint32({ lte: 128 })),
  },
  {
    accepted: { proximity: "Envoy does not use it either" },
    unsupported: {
      load_balancer_endpoints: "locality endpoint lists",
      leds_cluster_locality_config: "locality endpoint discovery (dynamic configuration)",
      metadata: "locality metadata",
    },
  },
);

export const clusterLoadAssignment: Decoder<ClusterLoadAssignment> = message<ClusterLoadAssignment>(
  "envoy.config.endpoint.v3.ClusterLoadAssignment",
  {
    clusterName: required(string({ minLen: 1 })),
    endpoints: repeated(localityLbEndpoints),
  },
  { unsupported: { policy: "endpoint policies", named_endpoints: "named endpoints" } },
);
