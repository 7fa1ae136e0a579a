import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { startZipkin } from "@tracemesh/zipkin";
import { createPortAllocator } from "../../envoy/rig/ports.ts";
import { installZipkinServer } from "../installed-judges.ts";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
}

/** One server, asked one thing after the other on one connection. */
export interface Server {
  ask(request: Request): Promise<Answer>;
  close(): Promise<void>;
}

export type Environment = Readonly<Record<string, string>>;

const ports = createPortAllocator(Number(process.env["VITEST_POOL_ID"] ?? 0) + 10);

/** Milliseconds. */
const START_LIMIT_MS = 120_000;
const POLL_MS = 100;

/** The released server. It is ready when this resolves. */
export async function startReal(env: Environment): Promise<Server> {
  const port = await ports.next();
  // The quick compiler alone: the server lives for seconds, and several start at a time.
  const flags = ["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
  const java = spawn("java", [...flags, "-jar", installZipkinServer()], {
    env: { ...process.env, ...env, QUERY_PORT: String(port) },
    stdio: "ignore",
  });
  const client = createClient(port);
  try {
    await untilHealthy(java, client);
  } catch (error) {
    await kill(java);
    throw error;
  }
  return {
    ask: client.ask,
    close: async () => {
      client.close();
      await kill(java);
    },
  };
}

async function untilHealthy(java: ChildProcess, client: Client): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (performance.now() < deadline && java.exitCode === null) {
    const answer = await client
      .ask({ method: "GET", path: "/health", headers: {} })
      .catch(() => undefined); // not listening yet
    if (answer?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`the real Zipkin has not started (exit code ${java.exitCode})`);
}

async function kill(java: ChildProcess): Promise<void> {
  if (java.exitCode !== null) return;
  const exited = once(java, "exit");
  java.kill("SIGKILL");
  await exited;
}

export async function startOurs(env: Environment): Promise<Server> {
  const lines: string[] = [];
  const zipkin = await startZipkin({
    env,
    port: 0,
    host: "127.0.0.1",
    log: (line) => lines.push(line),
  });
  const client = createClient(zipkin.port);
  return {
    ask: client.ask,
    close: async () => {
      client.close();
      await zipkin.close();
      if (lines.length > 0) throw new Error(`internal errors: ${lines.join("\n")}`);
    },
  };
}

interface Client {
  readonly ask: (request: Request) => Promise<Answer>;
  readonly close: () => void;
}

function createClient(port: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const once = (sent: Request) => send(port, agent, sent);
  return {
    // A connection that the server was about to close is no answer.
    ask: (sent) => once(sent).catch(() => once(sent)),
    close: () => agent.destroy(),
  };
}

function send(port: number, agent: Agent, sent: Request): Promise<Answer> {
  const { method, path, body } = sent;
  const headers = { ...sent.headers, ...(body ? { "content-length": String(body.length) } : {}) };
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: "127.0.0.1", port, method, path, headers, agent, timeout: 20_000 },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          });
        });
      },
    );
    request.on("timeout", () => request.destroy(new Error(`${method} ${path}: no answer`)));
    request.on("error", reject);
    request.end(body);
  });
}
