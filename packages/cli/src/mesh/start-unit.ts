import { pathToFileURL } from "node:url";
import type { EnvoyArguments } from "./envoy-arguments.ts";
import { createLookup } from "./hosts.ts";
import type { UnitPlan } from "./plan.ts";
import { mapPort } from "./port-map.ts";
import { proxySurroundings, proxyUnit } from "./proxy-unit.ts";
import type { RunningUnit, UnitEvents } from "./running-unit.ts";

const zipkinPort = 9411;
// Long enough for a proxy's span that is reported a little after the answer; short enough to feel immediate.
const quietMs = 300;

/** Starts a unit in this process. What it is made of is imported only now: a mesh pays for what it runs. */
export async function startUnit(plan: UnitPlan, events: UnitEvents): Promise<RunningUnit> {
  const { program } = plan;
  switch (program.kind) {
    case "zipkin":
      return startStore(plan, events);
    case "envoy":
      return startProxy(plan, program.arguments, events);
    case "istio":
      return (await import("./start-istio-proxy.ts")).startIstioProxy(plan, program.words, events);
    case "service":
      return startDemoService(plan, program.module, events);
  }
}

async function startStore(plan: UnitPlan, events: UnitEvents): Promise<RunningUnit> {
  const { startZipkin } = await import("@tracemesh/zipkin");
  const { QUERY_PORT } = plan.environment;
  const port = QUERY_PORT ? Number(QUERY_PORT) : mapPort(plan.portMap, zipkinPort);
  const zipkin = await startZipkin({ env: { ...plan.environment }, port, log: events.log });
  zipkin.onTrace((spans) => events.trace(spans), { quietMs });
  return {
    name: plan.name,
    addresses: [{ what: "traces", port: zipkin.port }],
    close: () => zipkin.close(),
  };
}

async function startProxy(
  plan: UnitPlan,
  options: EnvoyArguments,
  events: UnitEvents,
): Promise<RunningUnit> {
  const { startEnvoy } = await import("@tracemesh/envoy");
  const envoy = await startEnvoy({ ...options, ...proxySurroundings(plan, events) });
  return proxyUnit(plan, envoy, () => envoy.close());
}

async function startDemoService(
  plan: UnitPlan,
  module: string,
  events: UnitEvents,
): Promise<RunningUnit> {
  const [{ startService }, { service }] = await Promise.all([
    import("@tracemesh/service-kit"),
    import(pathToFileURL(module).href),
  ]);
  if (service === undefined) throw new Error(`${module} exports no "service"`);
  const lookup = createLookup(plan.portMap.hosts);
  const running = await startService(service, {
    env: { ...plan.environment },
    log: events.log,
    lookup: async (hostname) => (await lookup(hostname))[0] ?? hostname,
    telemetry: "local",
  });
  return {
    name: plan.name,
    addresses: [{ what: "service", port: running.port }],
    close: () => running.close(),
  };
}
