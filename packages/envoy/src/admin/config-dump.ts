/** /config_dump: the files as they were read. https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/config_dump.proto */
import { type AdminEndpoint, type AdminServer, jsonAnswer } from "./admin-endpoint.ts";
import { dumpDynamic } from "./dump-dynamic.ts";
import { redactSecrets } from "./redact-secrets.ts";
import { nodeMessage } from "./server-info.ts";

type Message = Readonly<Record<string, unknown>>;

const type = (name: string): string => `type.googleapis.com/envoy.${name}`;

export const configDumpEndpoint: AdminEndpoint = {
  path: "/config_dump",
  help: "dump current Envoy configs",
  parameters: [{ name: "resource", help: "The resource to dump" }],
  answer({ query }, server) {
    const resource = query.get("resource");
    const dumps = dumpAll(server);
    if (resource === null) return jsonAnswer({ configs: dumps });
    const found = dumps.flatMap((dump) => listOf(dump[resource]));
    const known = dumps.some((dump) => Array.isArray(dump[resource]));
    if (known) return jsonAnswer(found.length === 0 ? {} : { configs: found });
    return { status: 404, body: `${resource} not found in config dump` };
  },
};

function dumpAll(server: AdminServer): Message[] {
  const { context, commandLine, startedMs } = server;
  const dynamic = dumpDynamic(server.dynamicResources());
  const last_updated = new Date(startedMs).toISOString();
  const raw = redactSecrets(commandLine.rawConfig);
  const resources = messageOf(raw["static_resources"] ?? raw["staticResources"]);
  const clusters = listOf(resources["clusters"]);
  const listeners = listOf(resources["listeners"]);
  return [
    {
      "@type": type("admin.v3.BootstrapConfigDump"),
      bootstrap: { ...raw, node: { ...messageOf(raw["node"]), ...nodeMessage(context) } },
      last_updated,
    },
    {
      "@type": type("admin.v3.ClustersConfigDump"),
      ...some(
        "static_clusters",
        clusters.map((cluster) => ({
          cluster: { "@type": type("config.cluster.v3.Cluster"), ...cluster },
          last_updated,
        })),
      ),
      ...dynamic.clusters,
    },
    {
      "@type": type("admin.v3.ListenersConfigDump"),
      ...some(
        "static_listeners",
        listeners.map((listener) => ({
          listener: { "@type": type("config.listener.v3.Listener"), ...listener },
          last_updated,
        })),
      ),
      ...dynamic.listeners,
    },
    {
      "@type": type("admin.v3.RoutesConfigDump"),
      ...some(
        "static_route_configs",
        [...listeners, ...dynamic.activeListeners].flatMap(routeConfigs).map((config) => ({
          route_config: { "@type": type("config.route.v3.RouteConfiguration"), ...config },
          last_updated,
        })),
      ),
      ...dynamic.routes,
    },
  ];
}

/** Messages leave empty lists out. */
function some(name: string, items: readonly Message[]): Message {
  return items.length === 0 ? {} : { [name]: items };
}

function routeConfigs(listener: Message): Message[] {
  const chains = listOf(listener["filter_chains"] ?? listener["filterChains"]);
  return chains
    .flatMap((chain) => listOf(chain["filters"]))
    .map((filter) => messageOf(filter["typed_config"] ?? filter["typedConfig"]))
    .map((manager) => manager["route_config"] ?? manager["routeConfig"])
    .filter((config) => config !== undefined)
    .map(messageOf);
}

function messageOf(value: unknown): Message {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Message)
    : {};
}

/** A lone element stands for a list of one, as in the file. */
function listOf(value: unknown): Message[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map(messageOf) : [messageOf(value)];
}
