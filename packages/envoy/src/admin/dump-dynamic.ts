/** What /config_dump says of configuration out of files of its own; a message that is empty is left out. */
import type { DynamicResourcesShown } from "../dynamic-config/dynamic-config.ts";
import type { ShownResource } from "../dynamic-config/resource-file.ts";
import { redactSecrets } from "./redact-secrets.ts";

type Message = Readonly<Record<string, unknown>>;

/** Fields of ClustersConfigDump, ListenersConfigDump and RoutesConfigDump. */
export interface DynamicDump {
  readonly clusters: Message;
  readonly listeners: Message;
  readonly routes: Message;
  /** As written. */
  readonly activeListeners: readonly Message[];
}

export function dumpDynamic(shown: DynamicResourcesShown | undefined): DynamicDump {
  if (shown === undefined) return { clusters: {}, listeners: {}, routes: {}, activeListeners: [] };
  const { clusters, clusterVersion, listeners, listenerVersion, routes } = shown;
  return {
    clusters: {
      ...versionInfo(clusterVersion),
      ...list("dynamic_active_clusters", actives(clusters, "cluster")),
    },
    listeners: {
      ...versionInfo(listenerVersion),
      ...list("dynamic_listeners", listeners.map(listenerState)),
    },
    routes: list("dynamic_route_configs", actives(routes, "route_config")),
    activeListeners: actives(listeners, "listener").map(({ listener }) => listener as Message),
  };
}

function listenerState(shown: ShownResource): Message {
  const state = active(shown, "listener");
  const { failed } = shown;
  return {
    name: shown.name,
    ...(state === undefined ? {} : { active_state: state }),
    ...(failed === undefined
      ? {}
      : {
          error_state: {
            failed_configuration: redacted(failed.raw),
            last_update_attempt: failed.at.toISOString(),
            details: failed.details,
          },
        }),
  };
}

function actives(resources: readonly ShownResource[], field: string): Message[] {
  return resources.map((one) => active(one, field)).filter((one) => one !== undefined);
}

function active({ version, active: state }: ShownResource, field: string): Message | undefined {
  if (state === undefined) return undefined;
  const last_updated = state.at.toISOString();
  return { ...versionInfo(version), [field]: redacted(state.raw), last_updated };
}

function redacted(raw: unknown): unknown {
  return typeof raw === "object" && raw !== null ? redactSecrets(raw as Message) : raw;
}

function versionInfo(version: string): Message {
  return version === "" ? {} : { version_info: version };
}

function list(name: string, items: readonly Message[]): Message {
  return items.length === 0 ? {} : { [name]: items };
}
