/** Cross-origin requests. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/cors_filter */
import type { CorsPolicy } from "../config/filters/cors.ts";
import { HeaderMap } from "../http/header-map.ts";
import { compileStringMatcher, type StringTest } from "../routing/string-matcher.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Counter, StatsStore } from "../stats/stats-store.ts";
import type { FilterStream, HttpFilter, HttpFilterFactory, Verdict } from "./filter.ts";
import { routeConfig } from "./switchable.ts";

export interface CorsDependencies {
  readonly runtime: Runtime;
  readonly stats: StatsStore;
  readonly statPrefix: string;
}

interface CorsStats {
  readonly valid: Counter;
  readonly invalid: Counter;
}

const all = { numerator: 100, denominator: "HUNDRED" } as const;
const passThrough: HttpFilter = { decodeHeaders: () => "continue" };

export function createCors(name: string, dependencies: CorsDependencies): HttpFilterFactory {
  const { runtime, stats, statPrefix } = dependencies;
  const counters: CorsStats = {
    valid: stats.counter(`http.${statPrefix}.cors.origin_valid`),
    invalid: stats.counter(`http.${statPrefix}.cors.origin_invalid`),
  };
  const origins = new WeakMap<CorsPolicy, readonly StringTest[]>();
  return {
    name,
    create(stream) {
      // Only for requests that are forwarded.
      const { route } = stream;
      if (route.kind !== "route" || route.entry.action.kind !== "forward") return passThrough;
      const policy = routeConfig(stream, name);
      if (policy?.type !== "CorsPolicy") return passThrough;
      const enabled = policy.filterEnabled ?? { defaultValue: all };
      if (!runtime.isEnabled(enabled, stream.random)) return passThrough;
      let tests = origins.get(policy);
      if (tests === undefined) {
        tests = policy.allowOriginStringMatch.map(compileStringMatcher);
        origins.set(policy, tests);
      }
      return new CorsFilter(stream, policy, tests, counters);
    },
  };
}

class CorsFilter implements HttpFilter {
  readonly #stream: FilterStream;
  readonly #policy: CorsPolicy;
  readonly #origins: readonly StringTest[];
  readonly #stats: CorsStats;
  /** The caller's origin, once it is known to be allowed. */
  #origin: string | undefined;
  #isPreflight = false;

  constructor(
    stream: FilterStream,
    policy: CorsPolicy,
    origins: readonly StringTest[],
    stats: CorsStats,
  ) {
    this.#stream = stream;
    this.#policy = policy;
    this.#origins = origins;
    this.#stats = stats;
  }

  decodeHeaders(headers: HeaderMap): Verdict {
    const origin = headers.get("origin");
    if (origin === undefined || origin === "") return "continue";
    const isPreflight =
      headers.get(":method") === "OPTIONS" &&
      (headers.get("access-control-request-method") ?? "") !== "";
    if (!this.#origins.some((test) => test(origin))) {
      this.#stats.invalid.inc();
      if (!isPreflight || (this.#policy.forwardNotMatchingPreflights ?? true)) return "continue";
      return this.#answer();
    }
    this.#stats.valid.inc();
    this.#origin = origin;
    if (!isPreflight) return "continue";
    this.#isPreflight = true;
    return this.#answer();
  }

  #answer(): "stop" {
    this.#stream.encodeHeaders(new HeaderMap([":status", "200"]), true, "cors_response");
    return "stop";
  }

  encodeHeaders(headers: HeaderMap): void {
    if (this.#origin === undefined) return;
    const { allowCredentials, allowMethods, allowHeaders, exposeHeaders, maxAge } = this.#policy;
    headers.set("access-control-allow-origin", this.#origin);
    if (allowCredentials === true) headers.set("access-control-allow-credentials", "true");
    if (!this.#isPreflight) {
      setIfGiven(headers, "access-control-expose-headers", exposeHeaders);
      return;
    }
    setIfGiven(headers, "access-control-allow-methods", allowMethods);
    setIfGiven(headers, "access-control-allow-headers", allowHeaders);
    setIfGiven(headers, "access-control-max-age", maxAge);
    if (
      this.#policy.allowPrivateNetworkAccess === true &&
      this.#stream.headers.get("access-control-request-private-network") === "true"
    )
      headers.set("access-control-allow-private-network", "true");
  }
}

function setIfGiven(headers: HeaderMap, name: string, value: string | undefined): void {
  if (value !== undefined && value !== "") headers.set(name, value);
}
