/** Runs one case against one proxy: surroundings up, proxy up, requests, spans, everything down again. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fillPorts, sendRequest } from "./client.ts";
import { type Report, startGrpcCollector, startHttp1Collector } from "./collector.ts";
import type { PortAllocator } from "./ports.ts";
import { type ProxyCommand, type ProxyProcess, startProxy } from "./proxy-process.ts";
import type { CaseDefinition, CaseRequest, Outcome, SeenRequest } from "./recorded-case.ts";
import { type Listening, portOf, startHttp1Upstream, startHttp2Upstream } from "./upstream.ts";

export interface RunOptions {
  readonly command: ProxyCommand;
  readonly ports: PortAllocator;
  /** How many spans to wait for; undefined: until none has come for a while. */
  readonly expectedSpans: number | undefined;
}

/** Milliseconds. */
const startTimeout = 20_000;
const exitTimeout = 10_000;
const stopGrace = 6_000;
const spanTimeout = 7_000;
/** How long it must be quiet before a count of spans is final. */
const quietTime = 400;

export async function runCase(definition: CaseDefinition, options: RunOptions): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "envoy-case-"));
  const servers: Listening[] = [];
  const proxies: ProxyProcess[] = [];
  try {
    const ports = await allocate(portNames(definition), options.ports);
    const seen: SeenRequest[] = [];
    const reports: Report[] = [];
    for (const [name, port] of Object.entries(ports)) {
      const server = await startSurrounding(definition, name, port, { seen, reports, ports });
      if (server) servers.push(server);
    }
    const start = (yaml: string, args: readonly string[] = []) => {
      const path = join(folder, `envoy-${proxies.length}.yaml`);
      writeFileSync(path, fillPorts(yaml, ports));
      const proxy = startProxy(options.command(path, args), definition.env);
      proxies.push(proxy);
      return proxy;
    };
    for (const other of definition.moreProxies ?? []) start(other.envoyYaml, other.args);
    const proxy = start(definition.envoyYaml, definition.args);
    const environment = { recordedPorts: ports, recordedLocalIp: localIp() ?? null };
    if (definition.expectExit) {
      await proxy.exited(exitTimeout);
      const { stdout, stderr } = proxy;
      return { ...environment, exit: proxy.exit ?? "still-running", stdout, stderr };
    }
    const traffic = await sendAll(definition, proxy, ports, reports, options.expectedSpans);
    await Promise.all(proxies.map((one) => one.stop(stopGrace)));
    return {
      ...environment,
      ...traffic,
      upstreamSaw: seen,
      spans: reports.flatMap((report) => report.spans),
      collectorPosts: reports,
      accessLog: proxy.stdout.split("\n").filter((line) => line !== ""),
    };
  } finally {
    await Promise.all(proxies.map((proxy) => proxy.stop(0)));
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function sendAll(
  definition: CaseDefinition,
  proxy: ProxyProcess,
  ports: Readonly<Record<string, number>>,
  reports: readonly Report[],
  expectedSpans: number | undefined,
): Promise<Pick<Outcome, "responses" | "afterResponses">> {
  const listeners = Object.entries(ports).filter(([name]) => name.includes("LISTENER"));
  const awaited =
    listeners.length > 0 ? listeners.map(([, port]) => port) : [portOf(ports, "ADMIN_PORT")];
  for (const port of awaited) await proxy.listening(port, startTimeout);
  if (definition.startWaitMs) await sleep(definition.startWaitMs);
  const sendOne = (request: CaseRequest) =>
    sendRequest(portOf(ports, request.to ?? "LISTENER_PORT"), request, ports);
  const send = async (requests: readonly CaseRequest[]) => {
    const responses = [];
    for (const request of requests) responses.push(await sendOne(request));
    return responses;
  };
  const { staggerMs, requests } = definition;
  const responses =
    staggerMs === undefined
      ? await send(requests)
      : await Promise.all(
          requests.map((one, at) => sleep(at * staggerMs).then(() => sendOne(one))),
        );
  const hasCollector = Object.keys(ports).some((name) => name.startsWith("COLLECTOR"));
  if (hasCollector) await spansIn(definition, reports, expectedSpans);
  else if (definition.settleMs) await sleep(definition.settleMs);
  return { responses, ...(definition.after && { afterResponses: await send(definition.after) }) };
}

/** Waits for the spans that are to come and a little longer for those that are not. */
async function spansIn(
  definition: CaseDefinition,
  reports: readonly Report[],
  expected: number | undefined,
): Promise<void> {
  const count = () => reports.reduce((sum, report) => sum + report.spanCount, 0);
  const deadline = Date.now() + (definition.spanWaitMs ?? spanTimeout);
  if (expected) while (count() < expected && Date.now() < deadline) await sleep(15);
  let last = -1;
  while (count() !== last) {
    last = count();
    await sleep(expected ? 120 : (definition.settleMs ?? quietTime));
  }
}

function portNames(definition: CaseDefinition): string[] {
  const { envoyYaml, moreProxies, requests, upstream } = definition;
  const text = JSON.stringify([envoyYaml, moreProxies, requests, upstream]);
  return [
    ...new Set([...text.matchAll(/\{\{([A-Z0-9_]+_PORT)\}\}/g)].map(([, name]) => name as string)),
  ];
}

async function allocate(
  names: readonly string[],
  allocator: PortAllocator,
): Promise<Record<string, number>> {
  const ports: Record<string, number> = {};
  for (const name of names) ports[name] = await allocator.next();
  return ports;
}

/** What stands at a port follows from its name; undefined: the proxy's own ports, and the dead one. */
function startSurrounding(
  definition: CaseDefinition,
  name: string,
  port: number,
  {
    seen,
    reports,
    ports,
  }: { seen: SeenRequest[]; reports: Report[]; ports: Record<string, number> },
): Promise<Listening> | undefined {
  const upstream = { name, port, seen, ports, actions: definition.upstream[name] ?? [{}] };
  const collector = { name, port, reports, status: definition.collector?.status ?? 202 };
  if (name.startsWith("UPSTREAM")) return startHttp1Upstream(upstream);
  if (name.startsWith("H2")) return startHttp2Upstream(upstream);
  if (name.startsWith("COLLECTOR_H2")) return startGrpcCollector(collector);
  if (name.startsWith("COLLECTOR")) return startHttp1Collector(collector);
  return undefined;
}

/** The address that a proxy gives as its own where its peer is on loopback. */
export function localIp(): string | undefined {
  return Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === "IPv4" && !address.internal)?.address;
}
