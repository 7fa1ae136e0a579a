/** A proxy's configuration around the http filters that a case is about, as YAML with the ports left open. */
import {
  type StaticResources,
  staticResources,
  withoutBlankLines,
} from "../rig/yaml-configuration.ts";

export interface Configuration extends StaticResources {
  /** Runtime keys. */
  readonly runtime?: string;
  /** Further fields of the node. */
  readonly node?: string;
}

export function configuration({ runtime = "", node = "", ...resources }: Configuration): string {
  return withoutBlankLines(`node:
  id: test-node
  cluster: test-cluster
  ${node}
admin: { address: { socket_address: { address: 127.0.0.1, port_value: {{ADMIN_PORT}} } } }
layered_runtime:
  layers:
  - name: static
    static_layer: { tracing.zipkin.min_flush_spans: 1, ${runtime} }
  - name: admin
    admin_layer: {}
${staticResources(resources)}`);
}
