import { report } from "../decode/cursor.ts";
import {
  type Decoder,
  decodeWith,
  integer,
  list,
  oneOf,
  optional,
  record,
  required,
  string,
  text,
} from "../decode/decoder.ts";
import { object } from "../decode/object.ts";
import { duration, host, port, schemaError } from "../decode/scalars.ts";
import { type Resource, resource } from "./resource.ts";

export interface ConnectionPool {
  readonly tcp?: { readonly maxConnections?: number; readonly connectTimeout?: number };
  readonly http?: {
    readonly http1MaxPendingRequests?: number;
    readonly http2MaxRequests?: number;
    readonly maxRetries?: number;
    readonly maxRequestsPerConnection?: number;
    readonly idleTimeout?: number;
  };
}

export const lbPolicies = [
  "UNSPECIFIED",
  "LEAST_REQUEST",
  "LEAST_CONN",
  "RANDOM",
  "ROUND_ROBIN",
] as const;
export type LbPolicy = (typeof lbPolicies)[number];

export interface TrafficPolicy {
  readonly loadBalancer?: { readonly simple: LbPolicy };
  readonly connectionPool?: ConnectionPool;
  readonly tls?: { readonly mode: "DISABLE" | "ISTIO_MUTUAL" };
  readonly portLevelSettings?: readonly PortTrafficPolicy[];
}

export interface PortTrafficPolicy extends Omit<TrafficPolicy, "portLevelSettings"> {
  readonly port: { readonly number: number };
}

export interface Subset {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly trafficPolicy?: TrafficPolicy;
}

export interface DestinationRuleSpec {
  readonly host: string;
  readonly trafficPolicy?: TrafficPolicy;
  readonly subsets?: readonly Subset[];
  readonly exportTo?: readonly string[];
}

export type DestinationRule = Resource<"DestinationRule", DestinationRuleSpec>;

const refuse = { unknown: "refuse" } as const;

const limit: Decoder<number> = decodeWith(integer, (value, cursor) =>
  value >= 1 && value <= 4294967295
    ? value
    : schemaError(cursor, `${value} is not a positive limit`),
);

const connectionPool = object<ConnectionPool>(
  {
    tcp: optional(
      object<NonNullable<ConnectionPool["tcp"]>>(
        { maxConnections: optional(limit), connectTimeout: optional(duration({ zero: false })) },
        {
          ...refuse,
          unsupported: {
            tcpKeepalive: "tcpKeepalive",
            maxConnectionDuration: "maxConnectionDuration",
            idleTimeout: "idleTimeout of TCP connections, use connectionPool.http.idleTimeout",
          },
        },
      ),
    ),
    http: optional(
      object<NonNullable<ConnectionPool["http"]>>(
        {
          http1MaxPendingRequests: optional(limit),
          http2MaxRequests: optional(limit),
          maxRetries: optional(limit),
          maxRequestsPerConnection: optional(limit),
          idleTimeout: optional(duration({ zero: false })),
        },
        {
          ...refuse,
          unsupported: {
            h2UpgradePolicy: "h2UpgradePolicy",
            useClientProtocol: "useClientProtocol",
            maxConcurrentStreams: "maxConcurrentStreams",
          },
        },
      ),
    ),
  },
  refuse,
);

type Tls = NonNullable<TrafficPolicy["tls"]>;

interface WrittenTls {
  readonly mode: "DISABLE" | "SIMPLE" | "MUTUAL" | "ISTIO_MUTUAL";
  readonly caCertificates?: string;
}

// A policy with other keys than these (sni, certificates) is one of the refused modes.
const tls: Decoder<Tls> = decodeWith(
  object<WrittenTls>(
    {
      mode: required(oneOf("DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL")),
      caCertificates: optional(string),
    },
    { unknown: "ignore" },
  ),
  (value, cursor) => {
    if (value.mode === "ISTIO_MUTUAL") {
      report(
        cursor,
        "mode ISTIO_MUTUAL: this mesh has no mutual TLS, the traffic stays plain text",
        {
          severity: "warning",
        },
      );
      return { mode: value.mode };
    }
    if (value.mode === "DISABLE") return { mode: value.mode };
    if (value.mode === "SIMPLE" && value.caCertificates === undefined) {
      const code = cursor.path.includes("portLevelSettings") ? "IST0129" : "IST0128";
      report(cursor, "mode SIMPLE without caCertificates: the server would not be verified", {
        code,
        severity: "warning",
      });
    }
    return report(cursor, `not supported: TLS origination (mode ${value.mode})`);
  },
);

const loadBalancer = object<NonNullable<TrafficPolicy["loadBalancer"]>>(
  { simple: required(oneOf(...lbPolicies)) },
  {
    ...refuse,
    unsupported: {
      consistentHash: "session affinity (loadBalancer.consistentHash)",
      localityLbSetting: "locality load balancing (loadBalancer.localityLbSetting)",
      warmup: "warmup of endpoints (loadBalancer.warmup)",
      warmupDurationSecs: "warmup of endpoints (loadBalancer.warmupDurationSecs)",
    },
  },
);

const policyFields = {
  loadBalancer: optional(loadBalancer),
  connectionPool: optional(connectionPool),
  tls: optional(tls),
};

const unsupportedPolicies = {
  outlierDetection: "outlier detection (trafficPolicy.outlierDetection)",
  tunnel: "tunnelling (trafficPolicy.tunnel)",
  proxyProtocol: "the PROXY protocol (trafficPolicy.proxyProtocol)",
  retryBudget: "retry budgets (trafficPolicy.retryBudget)",
};

const trafficPolicy = object<TrafficPolicy>(
  {
    ...policyFields,
    portLevelSettings: optional(
      list(
        object<PortTrafficPolicy>(
          {
            ...policyFields,
            port: required(object<{ number: number }>({ number: required(port) }, refuse)),
          },
          { ...refuse, unsupported: unsupportedPolicies },
        ),
      ),
    ),
  },
  { ...refuse, unsupported: unsupportedPolicies },
);

export const destinationRule: Decoder<DestinationRule> = resource(
  "DestinationRule",
  object<DestinationRuleSpec>(
    {
      host: required(host({ star: true })),
      trafficPolicy: optional(trafficPolicy),
      subsets: optional(
        list(
          object<Subset>(
            {
              name: required(string),
              labels: optional(record(text)),
              trafficPolicy: optional(trafficPolicy),
            },
            refuse,
          ),
        ),
      ),
      exportTo: optional(list(string)),
    },
    {
      ...refuse,
      unsupported: { workloadSelector: "rules for some clients only (workloadSelector)" },
    },
  ),
);
