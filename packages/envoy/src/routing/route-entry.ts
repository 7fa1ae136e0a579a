/** A route ready for use: everything that can be decided while the file is read is decided. */
import type { PerFilterConfig, PerFilterConfigs } from "../config/http-filter.ts";
import type { Decorator, Route, RouteTracing } from "../config/route.ts";
import type { MaxStreamDuration } from "../config/route-action.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import type { Priority } from "../upstream/circuit-breaker.ts";
import type { HashRequest } from "./hash-policy.ts";
import type { HeaderRules } from "./header-rules.ts";
import type { MirrorPolicy } from "./mirror-policy.ts";
import type { PathRewrite } from "./path-rewrite.ts";
import type { Redirect } from "./redirect.ts";
import type { RetryPolicy } from "./retry-policy.ts";

/** Changes of the Host header; `append` also keeps the old one in x-forwarded-host. */
export type HostRewrite =
  | { readonly kind: "literal"; readonly host: string }
  | { readonly kind: "header"; readonly name: string }
  | { readonly kind: "path"; readonly rewrite: (path: string) => string }
  | { readonly kind: "endpoint" };

export interface ForwardAction {
  readonly kind: "forward";
  /** Undefined with `clusterHeader`. */
  readonly cluster: string | undefined;
  readonly clusterHeader: string | undefined;
  readonly clusterNotFoundStatus: number;
  /** 0: none. */
  readonly timeoutMs: number;
  /** Undefined: the connection manager's. */
  readonly idleTimeoutMs: number | undefined;
  readonly maxStreamDuration: MaxStreamDuration | undefined;
  readonly maxGrpcTimeoutMs: number | undefined;
  readonly grpcTimeoutOffsetMs: number | undefined;
  readonly retryPolicy: RetryPolicy;
  readonly priority: Priority;
  readonly hash: HashRequest | undefined;
  readonly rewritePath: PathRewrite | undefined;
  /** A weighted cluster's own host; the route's rewrites come after it. */
  readonly weightedHost: string | undefined;
  readonly rewriteHost: HostRewrite | undefined;
  readonly appendXForwardedHost: boolean;
  readonly includeAttemptCountInRequest: boolean;
  readonly includeAttemptCountInResponse: boolean;
  readonly includeIsTimeoutRetry: boolean;
  readonly mirrors: readonly MirrorPolicy[];
  /** Upgrade types switched on or off for this route, lower-case. */
  readonly upgrades: ReadonlyMap<string, boolean>;
  /** Bytes of request body kept for retries; undefined: the listener's buffer limit. */
  readonly bufferLimitBytes: number | undefined;
}

export interface RedirectAction {
  readonly kind: "redirect";
  readonly redirect: Redirect;
}

export interface DirectResponse {
  readonly kind: "direct-response";
  readonly status: number;
  readonly body: Buffer;
}

export type RouteAction = ForwardAction | RedirectAction | DirectResponse;

export class RouteEntry {
  readonly name: string;
  readonly virtualHostName: string;
  readonly action: RouteAction;
  readonly decorator: Decorator | undefined;
  readonly tracing: RouteTracing | undefined;
  readonly metadata: Route["metadata"];
  /** Least specific level last (or first, as the file wants). */
  readonly #requestRules: readonly HeaderRules[];
  readonly #responseRules: readonly HeaderRules[];
  /** Most specific level first. */
  readonly #filterConfigs: readonly PerFilterConfigs[];

  constructor(fields: {
    name: string;
    virtualHostName: string;
    action: RouteAction;
    route: Route;
    requestRules: readonly HeaderRules[];
    responseRules: readonly HeaderRules[];
    filterConfigs: readonly PerFilterConfigs[];
  }) {
    this.name = fields.name;
    this.virtualHostName = fields.virtualHostName;
    this.action = fields.action;
    this.decorator = fields.route.decorator;
    this.tracing = fields.route.tracing;
    this.metadata = fields.route.metadata;
    this.#requestRules = fields.requestRules.filter((rules) => !rules.isEmpty);
    this.#responseRules = fields.responseRules.filter((rules) => !rules.isEmpty);
    this.#filterConfigs = fields.filterConfigs;
  }

  /** The most specific typed_per_filter_config of that filter. */
  filterConfig(name: string): PerFilterConfig | undefined {
    for (const configs of this.#filterConfigs) {
      const config = configs[name];
      if (config !== undefined) return config;
    }
    return undefined;
  }

  /** Of all levels, the most specific first. */
  filterConfigs(name: string): readonly PerFilterConfig[] {
    return this.#filterConfigs.flatMap((configs) => configs[name] ?? []);
  }

  changeRequestHeaders(headers: HeaderMap, info: StreamInfo): void {
    for (const rules of this.#requestRules) rules.apply(headers, info);
  }

  changeResponseHeaders(headers: HeaderMap, info: StreamInfo): void {
    for (const rules of this.#responseRules) rules.apply(headers, info);
  }
}
