/** Active health checks. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/health_check.proto */
import type { Decoder } from "./decode/decoder.ts";
import { duration } from "./decode/duration.ts";
import { enumeration } from "./decode/enumeration.ts";
import { optional, repeated, required, withDefault } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { bool, bytes, int64, string, uint32 } from "./decode/scalars.ts";
import type { HeaderValueOption } from "./header-value-option.ts";
import { headerValueOption } from "./header-value-option.ts";
import type { StringMatcher } from "./string-matcher.ts";
import { stringMatcher } from "./string-matcher.ts";

/** One of the three checks is present. */
export interface HealthCheck {
  readonly timeoutMs: number;
  readonly intervalMs: number;
  readonly initialJitterMs?: number;
  readonly intervalJitterMs?: number;
  readonly intervalJitterPercent?: number;
  readonly unhealthyThreshold: number;
  readonly healthyThreshold: number;
  /** Absent: the endpoint's own port. */
  readonly altPort?: number;
  /** Absent: true. */
  readonly reuseConnection?: boolean;
  readonly httpHealthCheck?: HttpHealthCheck;
  readonly tcpHealthCheck?: TcpHealthCheck;
  readonly grpcHealthCheck?: GrpcHealthCheck;
  /** Absent: 60 s. In force until the cluster has had its first connection. */
  readonly noTrafficIntervalMs?: number;
  readonly noTrafficHealthyIntervalMs?: number;
  readonly unhealthyIntervalMs?: number;
  readonly unhealthyEdgeIntervalMs?: number;
  readonly healthyEdgeIntervalMs?: number;
}

export interface HttpHealthCheck {
  readonly host?: string;
  readonly path: string;
  readonly requestHeadersToAdd: readonly HeaderValueOption[];
  readonly requestHeadersToRemove: readonly string[];
  /** Half open: [start, end). Empty: 200 only. */
  readonly expectedStatuses: readonly StatusRange[];
  readonly retriableStatuses: readonly StatusRange[];
  readonly codecClientType?: "HTTP1" | "HTTP2";
  readonly serviceNameMatcher?: StringMatcher;
  /** Absent: GET. */
  readonly method?: HealthCheckMethod;
}

export interface StatusRange {
  readonly start: number;
  readonly end: number;
}

export interface TcpHealthCheck {
  readonly send?: Payload;
  readonly receive: readonly Payload[];
}

/** `text` is hexadecimal. */
export interface Payload {
  readonly text?: string;
  readonly binary?: Uint8Array;
}

export interface GrpcHealthCheck {
  readonly serviceName?: string;
  readonly authority?: string;
  readonly initialMetadata: readonly HeaderValueOption[];
}

const methods = {
  METHOD_UNSPECIFIED: 0,
  GET: 1,
  HEAD: 2,
  POST: 3,
  PUT: 4,
  DELETE: 5,
  OPTIONS: 7,
  TRACE: 8,
  PATCH: 9,
} as const;

export type HealthCheckMethod = keyof typeof methods;

const name = "envoy.config.core.v3.HealthCheck";

const statusRange: Decoder<StatusRange> = message<StatusRange>("envoy.type.v3.Int64Range", {
  start: withDefault(int64(), 0),
  end: withDefault(int64(), 0),
});

const payload: Decoder<Payload> = message<Payload>(
  `${name}.Payload`,
  {
    text: optional(string({ minLen: 1 })),
    binary: optional(bytes()),
  },
  { oneofs: [{ name: "payload", fields: ["text", "binary"], required: true }] },
);

const httpHealthCheck = message<HttpHealthCheck>(
  `${name}.HttpHealthCheck`,
  {
    host: optional(string({ header: "value" })),
    path: required(string({ minLen: 1, header: "value" })),
    requestHeadersToAdd: repeated(headerValueOption, { maxItems: 1000 }),
    requestHeadersToRemove: repeated(string({ header: "name" })),
    expectedStatuses: repeated(statusRange),
    retriableStatuses: repeated(statusRange),
    codecClientType: optional(
      enumeration<"HTTP1" | "HTTP2">(
        "envoy.type.v3.CodecClientType",
        { HTTP1: 0, HTTP2: 1 },
        { unsupported: { HTTP3: { number: 2, feature: "HTTP/3" } } },
      ),
    ),
    serviceNameMatcher: optional(stringMatcher),
    method: optional(
      enumeration<HealthCheckMethod>("envoy.config.core.v3.RequestMethod", methods, {
        unsupported: { CONNECT: { number: 6, feature: "health checks by CONNECT" } },
      }),
    ),
  },
  {
    unsupported: {
      send: "payloads of HTTP health checks",
      receive: "payloads of HTTP health checks",
      response_buffer_size: "payloads of HTTP health checks",
      use_alpn_protocol: "health checks that choose their protocol by ALPN",
    },
  },
);

const tcpHealthCheck = message<TcpHealthCheck>(
  `${name}.TcpHealthCheck`,
  { send: optional(payload), receive: repeated(payload) },
  { unsupported: { proxy_protocol_config: "the PROXY protocol" } },
);

const grpcHealthCheck = message<GrpcHealthCheck>(`${name}.GrpcHealthCheck`, {
  serviceName: optional(string()),
  authority: optional(string({ header: "value" })),
  initialMetadata: repeated(headerValueOption, { maxItems: 1000 }),
});

const checkLogs = "changes of health are written to the log";

export const healthCheck: Decoder<HealthCheck> = message<HealthCheck>(
  name,
  {
    timeoutMs: required(duration({ gt: 0 })),
    intervalMs: required(duration({ gt: 0 })),
    initialJitterMs: optional(duration()),
    intervalJitterMs: optional(duration()),
    intervalJitterPercent: optional(uint32()),
    unhealthyThreshold: required(uint32()),
    healthyThreshold: required(uint32()),
    altPort: optional(uint32({ lte: 65535 })),
    reuseConnection: optional(bool()),
    httpHealthCheck: optional(httpHealthCheck),
    tcpHealthCheck: optional(tcpHealthCheck),
    grpcHealthCheck: optional(grpcHealthCheck),
    noTrafficIntervalMs: optional(duration({ gt: 0 })),
    noTrafficHealthyIntervalMs: optional(duration({ gt: 0 })),
    unhealthyIntervalMs: optional(duration({ gt: 0 })),
    unhealthyEdgeIntervalMs: optional(duration({ gt: 0 })),
    healthyEdgeIntervalMs: optional(duration({ gt: 0 })),
  },
  {
    oneofs: [
      {
        name: "health_checker",
        fields: ["http_health_check", "tcp_health_check", "grpc_health_check"],
        required: true,
      },
    ],
    accepted: {
      always_log_health_check_failures: checkLogs,
      always_log_health_check_success: checkLogs,
      name: "for Envoy's log only",
    },
    unsupported: {
      custom_health_check: "custom health checkers",
      event_log_path: "health check event logs",
      event_service: "health check event logs",
      event_logger: "health check event logs",
      tls_options: "TLS options of health checks",
      transport_socket_match_criteria: "transport sockets by endpoint",
    },
  },
);
