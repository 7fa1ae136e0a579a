/** A proxy's configuration that traces, out of the parts that a case is about, as YAML with the ports left open. */
import {
  type StaticResources,
  staticResources,
  withoutBlankLines,
} from "../rig/yaml-configuration.ts";

export interface Configuration extends StaticResources {
  readonly routes: string;
  /** Further top-level fields. */
  readonly top?: string;
}

export function configuration({ tracing = "", top = "", ...resources }: Configuration): string {
  return withoutBlankLines(`node: { id: test-node, cluster: test-cluster, locality: { region: r1, zone: z1 } }
admin: { address: { socket_address: { address: 127.0.0.1, port_value: {{ADMIN_PORT}} } } }
layered_runtime:
  layers:
  - name: static
    static_layer: { tracing.zipkin.min_flush_spans: 1 }
${top.trim()}
${staticResources({ tracing, ...resources })}`);
}
