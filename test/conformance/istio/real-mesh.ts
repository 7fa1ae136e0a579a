/** Bookinfo with the real Envoy as gateway and sidecars, on what `tracemesh istio` renders; the services and the store are ours. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { hasErrors, loadManifests, renderWorkload } from "@tracemesh/istio";
import { type Mesh, startMesh } from "../../e2e/mesh.ts";
import { installRealEnvoy } from "../envoy/real-envoy.ts";

const deploy = (path: string) => fileURLToPath(new URL(`../../../deploy/${path}`, import.meta.url));
const services = [
  "productpage-v1",
  "details-v1",
  "reviews-v1",
  "reviews-v2",
  "reviews-v3",
  "ratings-v1",
];
const readyTimeoutMs = 20_000;

/** The services alone, without `absent`: nobody stands where their sidecars would. */
export function startServices(
  portOffset: number,
  env: Readonly<Record<string, string>>,
  absent?: string,
): Promise<Mesh> {
  const present = services.filter((service) => service !== absent);
  return startMesh({ services: present, portOffset, env });
}

export interface Proxies {
  stop(): Promise<void>;
}

/** A program that takes Envoy's flags. */
export type ProxyCommand = readonly [program: string, ...args: string[]];

export const realEnvoy = (): ProxyCommand => [installRealEnvoy()];
export const ourProxy: ProxyCommand = [
  process.execPath,
  fileURLToPath(new URL("../../../packages/envoy/src/main.ts", import.meta.url)),
];

/** Seven proxies on the configuration that compose's own have, with `routes` laid over it. */
export async function startProxies(
  command: ProxyCommand,
  mesh: Mesh,
  routes: readonly string[],
): Promise<Proxies> {
  const { resources, problems } = loadManifests([
    deploy("istio"),
    deploy("knative/config.yaml"),
    deploy("knative/helloworld.yaml"),
    deploy("istio/routes/all-v1.yaml"),
    deploy("istio/routes/reviews-v3.yaml"),
    ...routes,
  ]);
  if (hasErrors(problems)) throw new Error(JSON.stringify(problems));
  const folder = mkdtempSync(join(tmpdir(), "tracemesh-envoy-"));
  const children = [...services, "istio-ingressgateway"].map((workload) => {
    const { bootstrap } = renderWorkload(resources, workload, { hosts: { "*": "127.0.0.1" } });
    const config = { ...(movePorts(bootstrap, mesh) as object), ...reportAtOnce };
    const file = join(folder, `${workload}.json`);
    writeFileSync(file, JSON.stringify(config));
    return run(command, file);
  });
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(end));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const admins = [15201, 15211, 15221, 15231, 15241, 15251, 15200];
    await Promise.all(
      admins.map((port, index) => ready(mesh.url(port, "/ready"), children[index])),
    );
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Envoy keeps spans for 5 s unless its runtime says otherwise. */
const reportAtOnce = {
  layered_runtime: {
    layers: [{ name: "test", static_layer: { "tracing.zipkin.min_flush_spans": 1 } }],
  },
};

function movePorts(value: unknown, mesh: Mesh): unknown {
  if (Array.isArray(value)) return value.map((item) => movePorts(item, mesh));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === "port_value" && typeof item === "number" ? mesh.port(item) : movePorts(item, mesh),
    ]),
  );
}

interface Child {
  readonly process: ChildProcess;
  readonly output: () => string;
}

function run([program, ...first]: ProxyCommand, file: string): Child {
  const args = [...first, "-c", file, "--disable-hot-restart", "--concurrency", "1"];
  const process = spawn(program, [...args, "-l", "warning"], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [process.stdout, process.stderr]) {
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  }
  return { process, output: () => output };
}

async function ready(url: string, child: Child | undefined): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    if (child?.process.exitCode !== null || Date.now() > deadline) {
      throw new Error(`${url} is not ready:\n${child?.output()}`);
    }
    await sleep(50);
  }
}

async function end({ process }: Child): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const gone = once(process, "exit");
  process.kill("SIGTERM");
  const timer = setTimeout(() => process.kill("SIGKILL"), 5_000);
  await gone;
  clearTimeout(timer);
}
