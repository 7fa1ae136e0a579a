/** A request whose status tells. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/health_check.proto#config-core-v3-healthcheck-httphealthcheck */
import type { HttpHealthCheck, StatusRange } from "../../config/health-check.ts";
import { HeaderMap } from "../../http/header-map.ts";
import { compileStringMatcher } from "../../routing/string-matcher.ts";
import type { ProbeResult } from "./probe.ts";
import { addConfiguredHeaders } from "./probe-headers.ts";
import type { ProbeExchange } from "./request-probe.ts";

/** `host`: the Host of the request. */
export function httpExchange(config: HttpHealthCheck, host: string): ProbeExchange {
  const { method = "GET" } = config;
  const matchesName =
    config.serviceNameMatcher === undefined
      ? undefined
      : compileStringMatcher(config.serviceNameMatcher);
  const expected =
    config.expectedStatuses.length > 0 ? config.expectedStatuses : [{ start: 200, end: 201 }];
  const judge = (headers: HeaderMap): ProbeResult => {
    const status = Number(headers.get(":status"));
    if (!isInside(expected, status))
      return { kind: "unhealthy", retriable: isInside(config.retriableStatuses, status) };
    if (matchesName?.(headers.get("x-envoy-upstream-healthchecked-cluster") ?? "") === false)
      return { kind: "unhealthy", retriable: false };
    return { kind: "healthy", degraded: headers.has("x-envoy-degraded") };
  };
  return {
    headers() {
      const headers = new HeaderMap([
        ":method",
        method === "METHOD_UNSPECIFIED" ? "GET" : method,
        ":authority",
        host,
        ":path",
        config.path,
        ":scheme",
        "http",
        "user-agent",
        "Envoy/HC",
      ]);
      addConfiguredHeaders(headers, config.requestHeadersToAdd);
      for (const name of config.requestHeadersToRemove) headers.remove(name.toLowerCase());
      return headers;
    },
    body: undefined,
    judge: ({ headers }) => judge(headers),
  };
}

function isInside(ranges: readonly StatusRange[], status: number): boolean {
  return ranges.some(({ start, end }) => status >= start && status < end);
}
