/** What a proxy between scripted peers is started with: listeners that differ in their options, each with one route and a log to wait for. */
import { barrierLogger, barrierRoute } from "./barrier-log.ts";
import { address, httpListener, router, routesOfAll } from "./configuration-parts.ts";

/** Fields of the connection manager, the listener, and the one route's action and match. */
export interface ListenerOptions {
  readonly manager?: object;
  readonly listener?: object;
  readonly route?: object;
  readonly match?: object;
}

export function scriptedListener(
  name: string,
  port: number,
  { manager, listener, route, match = { prefix: "/" } }: ListenerOptions,
  usual: ListenerOptions,
): object {
  const settings = {
    stat_prefix: name,
    generate_request_id: false,
    access_log: [barrierLogger],
    route_config: routesOfAll([barrierRoute, { match, route: { ...usual.route, ...route } }]),
    http_filters: [router()],
    ...usual.manager,
    ...manager,
  };
  return httpListener(name, port, settings, listener);
}

export function scriptedBootstrap(
  admin: number,
  listeners: readonly object[],
  clusters: readonly object[],
): object {
  return {
    node: { id: "test", cluster: "test" },
    admin: { address: address(admin) },
    static_resources: { listeners, clusters },
  };
}
