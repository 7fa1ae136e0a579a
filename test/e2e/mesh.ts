/** The mesh as its users start it: `tracemesh up` as a process of its own, on ports moved out of everybody's way. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Span } from "@tracemesh/zipkin";

export interface Mesh {
  /** Where a port of docker-compose.yml is in this run. */
  port(published: number): number;
  url(published: number, path?: string): string;
  /** Everything printed so far. */
  readonly output: string;
  readonly pid: number;
  /** The spans of a trace once there are `count` of them and no more come; fails with what there was. */
  trace(traceId: string, count: number): Promise<readonly Span[]>;
  /** The same for all traces since the start, once there are `count` traces. */
  traces(count: number): Promise<readonly (readonly Span[])[]>;
  /** Sends the signal and waits for the end; the exit status. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface MeshOptions {
  readonly services?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Distinct for meshes that run at the same time; all stay below the ports that the system gives to clients. */
  readonly portOffset: number;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const launcher = fileURLToPath(new URL("../../packages/cli/bin/tracemesh.js", import.meta.url));

/** Milliseconds. */
const readyTimeout = 30_000;
const traceTimeout = 10_000;
/** Nothing may come for this long before a trace counts as whole. */
const quietTime = 400;

export async function startMesh(options: MeshOptions): Promise<Mesh> {
  const { services = [], args = [], env = {}, portOffset } = options;
  const words = ["up", "--port-offset", String(portOffset), ...args, ...services];
  const child = spawn(process.execPath, [launcher, ...words], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env, NO_COLOR: "1" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  }
  const port = (published: number) => published + portOffset;
  const url = (published: number, path = "") => `http://127.0.0.1:${port(published)}${path}`;
  await ready(child, () => output);
  return {
    port,
    url,
    get output() {
      return output;
    },
    pid: child.pid as number,
    trace: (traceId, count) =>
      settled(count, async () => {
        const response = await fetch(url(9411, `/api/v2/trace/${traceId}`));
        return response.ok ? ((await response.json()) as Span[]) : [];
      }),
    traces: (count) =>
      settled(count, async () => {
        const response = await fetch(url(9411, "/api/v2/traces?limit=1000&lookback=3600000"));
        return (await response.json()) as Span[][];
      }),
    stop: async (signal = "SIGTERM") => {
      if (child.exitCode !== null) return child.exitCode;
      const gone = once(child, "exit");
      child.kill(signal);
      const [code] = await gone;
      return code as number | null;
    },
  };
}

async function ready(child: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + readyTimeout;
  while (!output().includes("Ctrl-C stops everything.")) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`the mesh is not ready (exit ${child.exitCode}):\n${output()}`);
    }
    await sleep(20);
  }
}

/** Asks until there are `count` items, and then until their whole content no longer changes. */
async function settled<Item>(
  count: number,
  ask: () => Promise<readonly Item[]>,
): Promise<readonly Item[]> {
  const deadline = Date.now() + traceTimeout;
  let items = await ask();
  while (items.length < count && Date.now() < deadline) {
    await sleep(25);
    items = await ask();
  }
  for (;;) {
    const before = JSON.stringify(items);
    await sleep(quietTime);
    items = await ask();
    if (JSON.stringify(items) === before || Date.now() > deadline) return items;
  }
}
