import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { EnvoyOptions, RunningEnvoy } from "@tracemesh/envoy";
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
    case "istio":
      return startManifestProxy(plan, program.words, events);
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
  const close = () => envoy.close();
  return declaredUnit(plan, envoy, close);
}

/** A proxy that follows its manifests while it runs; an edit takes effect without a restart. */
async function startManifestProxy(
  plan: UnitPlan,
  words: readonly string[],
  events: UnitEvents,
): Promise<RunningUnit> {
  const [{ parseArguments, runProxy }, { startEnvoy }] = await Promise.all([
    import("@tracemesh/istio"),
    import("@tracemesh/envoy"),
  ]);
  const parsed = parseArguments(words);
  if (parsed === "help") throw new Error(`${plan.name}: "${words.join(" ")}" starts nothing`);
  const stop = new AbortController();
  const started = Promise.withResolvers<RunningEnvoy>();
  const log = (text: string) => {
    for (const line of text.trimEnd().split("\n")) events.log(line);
  };
  const ended = runProxy(
    { ...parsed, files: parsed.files.map((file) => resolve(plan.directory, file)) },
    { out: log, err: log, signal: stop.signal },
    async (configYaml) => {
      const envoy = await startEnvoy({ configYaml, ...proxySurroundings(plan, events) });
      started.resolve(envoy);
      return envoy;
    },
  );
  const refused = ended.then((): never => {
    throw new Error(`${plan.name}: the manifests have errors, see above`);
  });
  const envoy = await Promise.race([started.promise, refused]);
  refused.catch(() => {});
  return declaredUnit(plan, envoy, async () => {
    stop.abort();
    await ended;
  });
}

/** What stands for the machine and its network around a proxy of the mesh. */
function proxySurroundings(
  { portMap }: UnitPlan,
  { log }: UnitEvents,
): Required<Pick<EnvoyOptions, "log" | "lookup" | "mapPort">> {
  return {
    log,
    lookup: createLookup(portMap.hosts),
    mapPort: (port) => mapPort(portMap, port),
  };
}

/** Refuses a proxy that listens where the compose file does not say so. */
async function declaredUnit(
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
