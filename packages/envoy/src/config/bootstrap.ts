/** The file as a whole. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/bootstrap/v3/bootstrap.proto */

import type { Admin } from "./admin.ts";
import { admin } from "./admin.ts";
import type { Cluster } from "./cluster.ts";
import { cluster } from "./cluster.ts";
import type { ConfigSource } from "./config-source.ts";
import { configSource } from "./config-source.ts";
import { optional, repeated } from "./decode/field.ts";
import { type MessageDecoder, message } from "./decode/message.ts";
import type { Listener } from "./listener.ts";
import { listener } from "./listener.ts";
import type { Node } from "./node.ts";
import { node } from "./node.ts";
import type { LayeredRuntime } from "./runtime.ts";
import { layeredRuntime } from "./runtime.ts";
import type { TracingProvider } from "./tracing.ts";
import { tracingProvider } from "./tracing.ts";

export interface Bootstrap {
  readonly node?: Node;
  readonly staticResources?: StaticResources;
  readonly dynamicResources?: DynamicResources;
  /** Deprecated: the provider of connection managers that name none. */
  readonly tracing?: { readonly http?: TracingProvider };
  readonly layeredRuntime?: LayeredRuntime;
  readonly admin?: Admin;
}

export interface StaticResources {
  readonly listeners: readonly Listener[];
  readonly clusters: readonly Cluster[];
}

/** Files with further listeners and clusters, which are read again when they change. */
export interface DynamicResources {
  readonly ldsConfig?: ConfigSource;
  readonly cdsConfig?: ConfigSource;
}

const name = "envoy.config.bootstrap.v3.Bootstrap";

const staticResources = message<StaticResources>(
  `${name}.StaticResources`,
  { listeners: repeated(listener), clusters: repeated(cluster) },
  { unsupported: { secrets: "TLS contexts" } },
);

const fromServers = "dynamic configuration from servers (xDS)";

const dynamicResources = message<DynamicResources>(
  `${name}.DynamicResources`,
  { ldsConfig: optional(configSource), cdsConfig: optional(configSource) },
  {
    unsupported: {
      ads_config: fromServers,
      lds_resources_locator: fromServers,
      cds_resources_locator: fromServers,
    },
  },
);

const watchdogs = "there are no worker threads to watch";

export const bootstrap: MessageDecoder<Bootstrap> = message<Bootstrap>(
  name,
  {
    node: optional(node),
    staticResources: optional(staticResources),
    dynamicResources: optional(dynamicResources),
    tracing: optional(
      message<NonNullable<Bootstrap["tracing"]>>("envoy.config.trace.v3.Tracing", {
        http: optional(tracingProvider),
      }),
    ),
    layeredRuntime: optional(layeredRuntime),
    admin: optional(admin),
  },
  {
    accepted: {
      stats_flush_interval: "there are no stats sinks to flush to",
      watchdog: watchdogs,
      watchdogs,
      enable_dispatcher_stats: "there is no dispatcher to keep statistics of",
      perf_tracing_file_path: "Envoy's own builds without performance tracing ignore it too",
      node_context_params: "tells control planes who asks; there is none here",
      deferred_stat_options: "a matter of memory only",
      memory_allocator_manager: "the memory is the runtime's",
      grpc_async_client_manager_config: "concerns Envoy's own client cache",
    },
    unsupported: {
      header_prefix: "another prefix for Envoy's headers",
      cluster_manager: "cluster manager settings",
      hds_config: "health discovery",
      flags_path: "the flags file",
      stats_sinks: "stats sinks",
      stats_config: "stats tags and matchers",
      stats_flush_on_admin: "flushing statistics on admin requests",
      stats_eviction_interval: "evicting statistics",
      overload_manager: "overload management",
      stats_server_version_override: "another version number in the statistics",
      use_tcp_for_dns_lookups: "DNS resolvers of one's own",
      dns_resolution_config: "DNS resolvers of one's own",
      typed_dns_resolver_config: "DNS resolvers of one's own",
      bootstrap_extensions: "bootstrap extensions",
      fatal_actions: "fatal actions",
      config_sources: "dynamic configuration (xDS)",
      default_config_source: "dynamic configuration (xDS)",
      default_socket_interface: "socket interfaces",
      certificate_provider_instances: "TLS contexts",
      inline_headers: "inline headers",
      default_regex_engine: "other regular expression engines",
      xds_delegate_extension: "dynamic configuration (xDS)",
      xds_config_tracker_extension: "dynamic configuration (xDS)",
      listener_manager: "listener manager extensions",
      application_log_config: "the format of the application log",
    },
  },
);
