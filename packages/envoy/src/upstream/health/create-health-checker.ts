/** From a cluster's configuration to the checker of its endpoints. */
import type { HealthCheck } from "../../config/health-check.ts";
import type { ConnectionPool, PoolOptions } from "../../http/stream.ts";
import type { ConnectTarget } from "../connect.ts";
import type { Host } from "../host.ts";
import { PoolAccount } from "../pool-account.ts";
import { StreamPool } from "../stream-pool.ts";
import { grpcExchange } from "./grpc-probe.ts";
import { HealthChecker, type HealthCheckerOptions } from "./health-checker.ts";
import { httpExchange } from "./http-probe.ts";
import type { Probe } from "./probe.ts";
import { RequestProbe } from "./request-probe.ts";
import { TcpProbe } from "./tcp-probe.ts";

export interface HealthCheckSurroundings extends Omit<HealthCheckerOptions, "createProbe"> {
  readonly clusterName: string;
  readonly poolOptions: Omit<PoolOptions, "host" | "protocol">;
  /** Where the endpoint's connections go, and through what; what to offer by ALPN where that is TLS. */
  readonly targetOf: (host: Host, applicationProtocols: readonly string[]) => ConnectTarget;
  readonly mapPort: (port: number) => number;
}

export function createHealthChecker(surroundings: HealthCheckSurroundings): HealthChecker {
  return new HealthChecker({
    ...surroundings,
    createProbe: (host) => createProbe(surroundings.config, host, surroundings),
  });
}

function createProbe(
  config: HealthCheck,
  host: Host,
  surroundings: HealthCheckSurroundings,
): Probe {
  const { timeoutMs, httpHealthCheck, tcpHealthCheck, grpcHealthCheck } = config;
  const own = host.healthCheck?.hostname ?? "";
  if (httpHealthCheck !== undefined) {
    const { codecClientType, host: name = "" } = httpHealthCheck;
    const isHttp2 = codecClientType === "HTTP2";
    const target = targetOf(config, host, [isHttp2 ? "h2" : "http/1.1"], surroundings);
    const pool = createPool(config, target, isHttp2 ? "HTTP/2" : "HTTP/1.1", surroundings);
    const called = own !== "" ? own : name !== "" ? name : surroundings.clusterName;
    return new RequestProbe(pool, httpExchange(httpHealthCheck, called));
  }
  if (grpcHealthCheck !== undefined) {
    const { authority = "" } = grpcHealthCheck;
    const target = targetOf(config, host, ["h2"], surroundings);
    const pool = createPool(config, target, "HTTP/2", surroundings);
    const called = own !== "" ? own : authority !== "" ? authority : surroundings.clusterName;
    return new RequestProbe(pool, grpcExchange(grpcHealthCheck, called, timeoutMs));
  }
  const target = targetOf(config, host, [], surroundings);
  return new TcpProbe(tcpHealthCheck ?? { receive: [] }, target, timeoutMs);
}

function targetOf(
  { altPort }: HealthCheck,
  host: Host,
  applicationProtocols: readonly string[],
  { targetOf: own, mapPort }: HealthCheckSurroundings,
): ConnectTarget {
  const endpointPort = host.healthCheck?.portValue ?? 0;
  const port = endpointPort !== 0 ? endpointPort : altPort;
  const target = own(host, applicationProtocols);
  return port === undefined ? target : { ...target, port: mapPort(port) };
}

/** Connections of the checks are apart from the traffic's, and under no limit. */
function createPool(
  { reuseConnection, timeoutMs }: HealthCheck,
  host: ConnectTarget,
  protocol: "HTTP/1.1" | "HTTP/2",
  { poolOptions }: HealthCheckSurroundings,
): ConnectionPool {
  const { maxRequestsPerConnection: _, ...options } = poolOptions;
  return new StreamPool(
    {
      ...options,
      host,
      protocol,
      // The check's own timeout comes first.
      connectTimeoutMs: timeoutMs * 2,
      ...(reuseConnection === false ? { maxRequestsPerConnection: 1 } : {}),
    },
    PoolAccount.standalone(host),
  );
}
