/**
 * The last filter: decides what the route makes of a request. A redirect or a direct response is answered here; a request that is to be
 * forwarded gets its cluster and its changed headers here, and then belongs to `Forwarding`.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter
 */
import type { Router as RouterConfig } from "../config/filters/router.ts";
import type { HeaderMap } from "../http/header-map.ts";
import { compileRedirect } from "../routing/redirect.ts";
import type { ForwardAction, RouteEntry } from "../routing/route-entry.ts";
import type { Counter, StatsStore } from "../stats/stats-store.ts";
import type { TimeLimits } from "../time/time-limits.ts";
import type { Cluster } from "../upstream/cluster.ts";
import type { ClusterManager } from "../upstream/cluster-manager.ts";
import type { FilterStream, HttpFilter, HttpFilterFactory, Verdict } from "./filter.ts";
import { chooseHost } from "./first-try.ts";
import { Forwarding } from "./forwarding.ts";
import type { ForwardingSettings } from "./forwarding-plan.ts";
import { unsendableRequest } from "./forwarding-replies.ts";
import { RetryState } from "./retry-state.ts";
import { rewritePath, rewriteRequest } from "./rewrite-request.ts";
import { decideTimeouts } from "./router-timeouts.ts";

export interface RouterOptions {
  readonly config: RouterConfig;
  readonly clusters: ClusterManager;
  readonly random: () => number;
  /** This machine's, for x-forwarded-for of what the proxy sends by itself. */
  readonly machineAddress: string;
  readonly timeLimits: TimeLimits;
  readonly stats: StatsStore;
  readonly statPrefix: string;
}

/** https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#statistics */
interface RouterStats {
  readonly total: Counter;
  readonly noRoute: Counter;
  readonly noCluster: Counter;
  readonly directResponse: Counter;
}

function createStats({ stats, statPrefix }: RouterOptions): RouterStats {
  const counter = (name: string): Counter => stats.counter(`http.${statPrefix}.${name}`);
  // Always 0 in Envoy, too: redirects count as direct responses.
  counter("rq_redirect");
  return {
    total: counter("rq_total"),
    noRoute: counter("no_route"),
    noCluster: counter("no_cluster"),
    directResponse: counter("rq_direct_response"),
  };
}

export function createRouter(name: string, options: RouterOptions): HttpFilterFactory {
  const { config, clusters, random, machineAddress, timeLimits } = options;
  const stats = createStats(options);
  const settings: ForwardingSettings = {
    clusters,
    random,
    machineAddress,
    timeLimits,
    startChildSpan: config.startChildSpan,
    timeouts: {
      respectExpected: config.respectExpectedRqTimeout,
      suppressHeaders: config.suppressEnvoyHeaders,
    },
  };
  return { name, create: (stream) => new Router(stream, settings, stats) };
}

const altStatHeader = "x-envoy-upstream-alt-stat-name";

class Router implements HttpFilter {
  readonly #stream: FilterStream;
  readonly #settings: ForwardingSettings;
  readonly #stats: RouterStats;
  /** Undefined: the request is answered here. */
  #forwarding: Forwarding | undefined;

  constructor(stream: FilterStream, settings: ForwardingSettings, stats: RouterStats) {
    this.#stream = stream;
    this.#settings = settings;
    this.#stats = stats;
  }

  decodeHeaders(headers: HeaderMap, endStream: boolean): Verdict {
    const { route, info } = this.#stream;
    this.#stats.total.inc();
    if (route.kind === "none") {
      this.#stats.noRoute.inc();
      info.flags.add("NR");
      return this.#refuse(404, "route_not_found");
    }
    if (route.kind === "tls-redirect" || route.entry.action.kind !== "forward")
      this.#stats.directResponse.inc();
    if (route.kind === "tls-redirect") return this.#answerOfRoute(301, "", httpsUrl(headers));
    const { entry } = route;
    const { action } = entry;
    switch (action.kind) {
      case "direct-response": {
        const { status, body } = action;
        // An answer that sends the client elsewhere without saying where points at the request itself.
        const pointsElsewhere = status === 201 || Math.floor(status / 100) === 3;
        const location = pointsElsewhere ? sameUrl.location(headers) : undefined;
        return this.#answerOfRoute(status, body, location);
      }
      case "redirect":
        if (action.redirect.rewritePath !== undefined)
          rewritePath(
            headers,
            action.redirect.rewritePath,
            this.#settings.timeouts.suppressHeaders,
          );
        return this.#answerOfRoute(action.redirect.status, "", action.redirect.location(headers));
      case "forward":
        return this.#forward(entry, action, headers, endStream);
    }
  }

  #refuse(status: number, details: string): "stop" {
    this.#stream.sendLocalReply({ status, body: "", details });
    return "stop";
  }

  /** What the route says by itself; `location`: where it sends the client. */
  #answerOfRoute(status: number, body: string | Buffer, location: string | undefined): "stop" {
    this.#stream.sendLocalReply({
      status,
      body,
      details: "direct_response",
      ofRoute: true,
      changeHeaders: (response) => {
        if (location !== undefined) response.add("location", location);
      },
    });
    return "stop";
  }

  #forward(
    entry: RouteEntry,
    action: ForwardAction,
    headers: HeaderMap,
    endStream: boolean,
  ): Verdict {
    const stream = this.#stream;
    const { info } = stream;
    const name =
      action.clusterHeader === undefined ? action.cluster : headers.get(action.clusterHeader);
    const cluster = this.#settings.clusters.get(name ?? "");
    if (cluster === undefined) {
      this.#stats.noCluster.inc();
      info.flags.add("NC");
      return this.#refuse(action.clusterNotFoundStatus, "cluster_not_found");
    }
    this.#noteCluster(cluster);
    const altStatName = headers.get(altStatHeader);
    headers.remove(altStatHeader);
    const timeouts = decideTimeouts(headers, action, this.#settings.timeouts);
    if (action.includeAttemptCountInRequest) headers.set("x-envoy-attempt-count", "1");
    entry.changeRequestHeaders(headers, info);
    if (info.unsendableHeader !== undefined) {
      info.flags.add("DPE");
      stream.sendLocalReply(unsendableRequest(info.unsendableHeader));
      return "stop";
    }
    rewriteRequest(headers, action, this.#settings.timeouts.suppressHeaders);
    const retry = RetryState.create(action.retryPolicy, headers, this.#settings.random);
    const hash = action.hash?.(headers, info.downstreamRemoteAddress.address);
    const plan = { entry, action, cluster, altStatName, hash, timeouts };
    const host = chooseHost(stream, plan);
    if (host === undefined) return "stop";
    this.#forwarding = new Forwarding(stream, this.#settings, plan, retry, endStream);
    this.#forwarding.start(host);
    return "continue";
  }

  #noteCluster(cluster: Cluster): void {
    const { info } = this.#stream;
    info.upstream = {
      cluster: cluster.name,
      clusterStatName: cluster.statName,
      attemptCount: 1,
      timing: {},
    };
    if (cluster.config.metadata !== undefined)
      info.clusterMetadata = cluster.config.metadata.filterMetadata;
  }

  decodeData(chunk: Buffer, endStream: boolean): Verdict {
    this.#forwarding?.sendData(chunk, endStream);
    return "continue";
  }

  decodeTrailers(trailers: HeaderMap): Verdict {
    this.#forwarding?.sendTrailers(trailers);
    return "continue";
  }

  onDownstreamDrain(): void {
    this.#forwarding?.resumeResponse();
  }

  onDestroy(): void {
    this.#forwarding?.close();
  }
}

function httpsUrl(headers: HeaderMap): string {
  return `https://${headers.get(":authority") ?? ""}${headers.get(":path") ?? ""}`;
}

/** The request's own. */
const sameUrl = compileRedirect({ stripQuery: false }, { kind: "regex" });
