/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/endpoint/v3/endpoint_components.proto */

import type { Address } from "./address.ts";
import { address } from "./address.ts";
import type { Decoder } from "./decode/decoder.ts";
import { enumeration } from "./decode/enumeration.ts";
import { flag, optional, repeated, required } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { string, uint32 } from "./decode/scalars.ts";
import type { Metadata } from "./metadata.ts";
import { metadata } from "./metadata.ts";

export interface ClusterLoadAssignment {
  readonly clusterName: string;
  readonly endpoints: readonly LocalityLbEndpoints[];
  readonly policy?: EndpointPolicy;
}

export interface EndpointPolicy {
  /** Percent; absent: 140. How much more than its share a priority is trusted with. */
  readonly overprovisioningFactor?: number;
  /** Health by the endpoints' weights instead of their number. */
  readonly weightedPriorityHealth: boolean;
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
  readonly healthCheckConfig?: EndpointHealthCheck;
}

/** How an endpoint's health check differs from its cluster's. */
export interface EndpointHealthCheck {
  /** Absent or 0: the endpoint's own. */
  readonly portValue?: number;
  readonly hostname?: string;
  readonly disableActiveHealthCheck: boolean;
}

export const locality: Decoder<Locality> = message<Locality>("envoy.config.core.v3.Locality", {
  region: optional(string()),
  zone: optional(string()),
  subZone: optional(string()),
});

const healthCheckConfig = message<EndpointHealthCheck>(
  "envoy.config.endpoint.v3.Endpoint.HealthCheckConfig",
  {
    portValue: optional(uint32({ lte: 65535 })),
    hostname: optional(string()),
    disableActiveHealthCheck: flag(),
  },
  { unsupported: { address: "health checks at another address" } },
);

const policy = message<EndpointPolicy>(
  "envoy.config.endpoint.v3.ClusterLoadAssignment.Policy",
  { overprovisioningFactor: optional(uint32({ gt: 0 })), weightedPriorityHealth: flag() },
  {
    unsupported: {
      drop_overloads: "dropping a share of the requests",
      endpoint_stale_after: "endpoint discovery (dynamic configuration)",
    },
  },
);

const endpoint: Decoder<Endpoint> = message<Endpoint>(
  "envoy.config.endpoint.v3.Endpoint",
  {
    address: required(address),
    hostname: optional(string()),
    healthCheckConfig: optional(healthCheckConfig),
  },
  {
    unsupported: {
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
    policy: optional(policy),
  },
  { unsupported: { named_endpoints: "named endpoints" } },
);
