/** The mesh in containers, under a project name and on ports of its own: it never meets one that runs already. */
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePorts } from "@tracemesh/cli";
import type { Span } from "@tracemesh/zipkin";
import { runLoud } from "./docker-engine.ts";

export interface ComposeMesh {
  /** `curl localhost:8000<path>` on this run's port. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** `curl localhost:5000`: the program outside the mesh. */
  getOutside(): Promise<Response>;
  /** The same of webapp.py, where webapp.compose.yml is laid over. */
  getWebApp(): Promise<Response>;
  /** The spans of a trace in Zipkin once there are `count` and no more come; fewer when they never came. */
  trace(traceId: string, count: number): Promise<readonly Span[]>;
  /** All traces of this run, once there are `count`. */
  traces(count: number): Promise<readonly (readonly Span[])[]>;
  down(): Promise<void>;
}

export interface ComposeOptions {
  /** Compose files, the repository's first. */
  readonly files: readonly string[];
  readonly name: string;
  /** What to start, with what it depends on. */
  readonly services: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

// Spans reach Zipkin within 5 s where a proxy batches them; a busy machine gets as much again, three times.
const traceTimeoutMs = 20_000;
const quietMs = 1000;
const askAgainMs = 100;

/** `docker compose up --build --wait`; what was started is removed again when that fails. */
export async function composeUp(options: ComposeOptions): Promise<ComposeMesh> {
  const { files, name, services, env } = options;
  const [front, admin, zipkin, outside, gateway, webapp] = await findFreePorts(6);
  const project = `tracemesh-test-${process.pid}-${name}`;
  const variables = {
    ...env,
    FRONT_PROXY_PORT: String(front),
    FRONT_PROXY_ADMIN_PORT: String(admin),
    ZIPKIN_PORT: String(zipkin),
    EXTERNAL_PROXY_PORT: String(outside),
    INGRESS_GATEWAY_PORT: String(gateway),
    WEBAPP_PORT: String(webapp),
    COMPOSE_PROFILES: "",
  };
  const compose = (...args: string[]): Promise<string> =>
    runLoud(
      "docker",
      ["compose", "-p", project, ...files.flatMap((file) => ["-f", file]), ...args],
      variables,
    );
  const down = async (): Promise<void> => {
    await compose("down", "-v", "--remove-orphans", "--timeout", "3");
  };
  try {
    await compose("up", "--build", "--wait", ...services);
  } catch (error) {
    const logs = await compose("logs", "--tail", "40").catch(String);
    await down();
    throw new Error(`${String(error)}\n${logs}`, { cause: error });
  }
  const query = async <T>(path: string): Promise<readonly T[]> => {
    const response = await fetch(`http://127.0.0.1:${zipkin}/api/v2/${path}`);
    return response.ok ? ((await response.json()) as readonly T[]) : [];
  };
  return {
    get: (path, headers = {}) => fetch(`http://127.0.0.1:${front}${path}`, { headers }),
    getOutside: () => fetch(`http://127.0.0.1:${outside}/`),
    getWebApp: () => fetch(`http://127.0.0.1:${webapp}/`),
    trace: (traceId, count) => settled(count, () => query<Span>(`trace/${traceId}`)),
    traces: (count) => settled(count, () => query<readonly Span[]>("traces?limit=100")),
    down,
  };
}

/** Asks until there are `count` items, then until what comes back stays the same for a while. */
async function settled<T>(count: number, ask: () => Promise<readonly T[]>): Promise<readonly T[]> {
  const deadline = performance.now() + traceTimeoutMs;
  let items = await ask();
  while (items.length < count && performance.now() < deadline) {
    await sleep(askAgainMs);
    items = await ask();
  }
  for (;;) {
    const before = JSON.stringify(items);
    await sleep(quietMs);
    items = await ask();
    if (JSON.stringify(items) === before || performance.now() > deadline) return items;
  }
}
