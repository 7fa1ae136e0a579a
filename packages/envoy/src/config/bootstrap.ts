/** The file as a whole. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/bootstrap/v3/bootstrap.proto */
import type { Admin } from "./admin.ts";
import type { Cluster } from "./cluster.ts";
import type { Listener } from "./listener.ts";
import type { Node } from "./node.ts";
import type { LayeredRuntime } from "./runtime.ts";
import type { TracingProvider } from "./tracing.ts";

export interface Bootstrap {
  readonly node?: Node;
  readonly staticResources?: StaticResources;
  /** Deprecated: the provider of connection managers that name none. */
  readonly tracing?: { readonly http?: TracingProvider };
  readonly layeredRuntime?: LayeredRuntime;
  readonly admin?: Admin;
  /** Absent: 5 s. */
  readonly statsFlushIntervalMs?: number;
  /** Prefix of Envoy's own headers; absent: `x-envoy`. */
  readonly headerPrefix?: string;
}

export interface StaticResources {
  readonly listeners: readonly Listener[];
  readonly clusters: readonly Cluster[];
}
