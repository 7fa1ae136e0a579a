/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-directresponseaction */
import type { DataSource } from "./data-source.ts";

export interface DirectResponseAction {
  readonly status: number;
  readonly body?: DataSource;
}
