import type { EnvoyOptions, RunningEnvoy } from "@tracemesh/envoy";
import { createLookup } from "./hosts.ts";
import type { UnitPlan } from "./plan.ts";
import { mapPort } from "./port-map.ts";
import type { RunningUnit, UnitAddress, UnitEvents } from "./running-unit.ts";

/** What makes a proxy find this mesh: its host names and its moved ports. */
export function proxySurroundings(
  plan: UnitPlan,
  events: UnitEvents,
): Pick<EnvoyOptions, "log" | "lookup" | "mapPort"> {
  return {
    log: events.log,
    lookup: createLookup(plan.portMap.hosts),
    mapPort: (port) => mapPort(plan.portMap, port),
  };
}

/** A proxy that runs; one that listens where the compose file says nothing of it is closed and refused. */
export async function proxyUnit(
  plan: UnitPlan,
  envoy: RunningEnvoy,
  close: () => Promise<void>,
): Promise<RunningUnit> {
  const addresses: UnitAddress[] = envoy.listeners.map(({ name, port }) => ({ what: name, port }));
  if (envoy.admin) addresses.push({ what: "admin", port: envoy.admin.port });
  const declared = new Set(plan.portMap.ports.values());
  const undeclared = addresses.find(({ port }) => !declared.has(port));
  if (undeclared === undefined) return { name: plan.name, addresses, close };
  await close();
  throw new Error(
    `${plan.name} listens on ${undeclared.port} (${undeclared.what}), which no service of the compose file lists under ports or expose`,
  );
}
