/** Requests beyond a rate are answered here. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter */
import type { LocalRateLimit } from "../config/filters/local-ratelimit.ts";
import { inlineRequestHeaders, inlineResponseHeaders } from "../http/inline-headers.ts";
import type { ConnectionInfo } from "../http/stream.ts";
import { type CompileFormat, HeaderRules } from "../routing/header-rules.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Counter, StatsStore } from "../stats/stats-store.ts";
import type { FilterStream, HttpFilter, HttpFilterFactory, Verdict } from "./filter.ts";
import { routeConfig } from "./switchable.ts";
import { TokenBucket } from "./token-bucket.ts";

export interface LocalRateLimitDependencies {
  readonly runtime: Runtime;
  readonly stats: StatsStore;
  readonly compileFormat: CompileFormat;
}

const passThrough: HttpFilter = { decodeHeaders: () => "continue" };
const resourceExhausted = 8;
const leastStatus = 400;
const defaultStatus = 429;

export function createLocalRateLimit(
  name: string,
  config: LocalRateLimit,
  dependencies: LocalRateLimitDependencies,
): HttpFilterFactory {
  const limits = new WeakMap<LocalRateLimit, Limit>();
  const limitOf = (of: LocalRateLimit): Limit => {
    let limit = limits.get(of);
    if (limit === undefined) {
      limit = new Limit(of, dependencies);
      limits.set(of, limit);
    }
    return limit;
  };
  // The bucket is full when the listener begins, not when the first request comes.
  limitOf(config);
  return {
    name,
    create(stream) {
      const own = routeConfig(stream, name);
      const limit = limitOf(own?.type === "LocalRateLimit" ? own : config);
      return limit.isEnabled(stream)
        ? { decodeHeaders: () => limit.decodeHeaders(stream) }
        : passThrough;
    },
  };
}

/** What the filter's configuration, or a route's, limits: all its requests share it. */
class Limit {
  readonly #config: LocalRateLimit;
  readonly #runtime: Runtime;
  readonly #enabled: Counter;
  readonly #enforced: Counter;
  readonly #ok: Counter;
  readonly #rateLimited: Counter;
  readonly #requestHeaders: HeaderRules;
  readonly #responseHeaders: HeaderRules;
  readonly #shared: TokenBucket | undefined;
  readonly #ofConnections = new WeakMap<ConnectionInfo, TokenBucket>();

  constructor(
    config: LocalRateLimit,
    { runtime, stats, compileFormat }: LocalRateLimitDependencies,
  ) {
    this.#config = config;
    this.#runtime = runtime;
    const counter = (suffix: string): Counter =>
      stats.counter(`${config.statPrefix}.http_local_rate_limit.${suffix}`);
    this.#enabled = counter("enabled");
    this.#enforced = counter("enforced");
    this.#ok = counter("ok");
    this.#rateLimited = counter("rate_limited");
    // Of descriptors only, which are not supported here: listed, as in Envoy, and 0.
    counter("shadow_mode");
    const { requestHeadersToAddWhenNotEnforced: toRequest, responseHeadersToAdd } = config;
    this.#requestHeaders = new HeaderRules(toRequest, [], inlineRequestHeaders, compileFormat);
    this.#responseHeaders = new HeaderRules(
      responseHeadersToAdd,
      [],
      inlineResponseHeaders,
      compileFormat,
    );
    this.#shared = this.#newBucket();
  }

  isEnabled({ random }: FilterStream): boolean {
    const { filterEnabled } = this.#config;
    return filterEnabled !== undefined && this.#runtime.isEnabled(filterEnabled, random);
  }

  decodeHeaders(stream: FilterStream): Verdict {
    this.#enabled.inc();
    if (this.#bucketOf(stream)?.take(performance.now()) !== false) {
      this.#ok.inc();
      return "continue";
    }
    this.#rateLimited.inc();
    const { filterEnforced, status, rateLimitedAsResourceExhausted } = this.#config;
    if (filterEnforced === undefined || !this.#runtime.isEnabled(filterEnforced, stream.random)) {
      this.#requestHeaders.apply(stream.headers, stream.info);
      return "continue";
    }
    this.#enforced.inc();
    stream.info.flags.add("RL");
    const code = status?.code ?? defaultStatus;
    stream.sendLocalReply({
      status: code < leastStatus ? defaultStatus : code,
      body: "local_rate_limited",
      details: "local_rate_limited",
      ...(rateLimitedAsResourceExhausted ? { grpcStatus: resourceExhausted } : {}),
      changeHeaders: (headers) => this.#responseHeaders.apply(headers, stream.info),
    });
    return "stop";
  }

  #bucketOf({ info: { connection } }: FilterStream): TokenBucket | undefined {
    if (!this.#config.localRateLimitPerDownstreamConnection) return this.#shared;
    let bucket = this.#ofConnections.get(connection);
    if (bucket === undefined) {
      bucket = this.#newBucket();
      if (bucket !== undefined) this.#ofConnections.set(connection, bucket);
    }
    return bucket;
  }

  #newBucket(): TokenBucket | undefined {
    const { tokenBucket } = this.#config;
    return tokenBucket === undefined ? undefined : new TokenBucket(tokenBucket, performance.now());
  }
}
