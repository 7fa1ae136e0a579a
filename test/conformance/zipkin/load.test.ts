/** The store as a process of its own under a minute of load: nothing that was answered 202 is lost, no trace is seen half. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { findFreePorts } from "@tracemesh/cli";
import type { Span } from "@tracemesh/zipkin";
import { afterAll, beforeAll, expect, test } from "vitest";

const main = fileURLToPath(new URL("../../../packages/zipkin/src/main.ts", import.meta.url));
const minuteMs = 60_000;
const writers = 50;
const readers = 20;
/** Of every trace, all in one report. */
const spansOfTrace = 5;
/** Between two reports of one writer, so that a minute's spans fit into memory. */
const writerPauseMs = 50;

let child: ChildProcess;
let port = 0;
const agent = new Agent({ keepAlive: true, maxSockets: writers + readers });

beforeAll(async () => {
  [port = 0] = await findFreePorts(1);
  child = spawn(process.execPath, [main], {
    env: {
      ...process.env,
      QUERY_PORT: String(port),
      MEM_MAX_SPANS: "2000000",
      MEM_MAX_BYTES: "2g",
    },
    stdio: "ignore",
  });
  const deadline = performance.now() + 20_000;
  for (;;) {
    const answer = await call("/health").catch(() => undefined);
    if (answer?.status === 200) return;
    if (performance.now() > deadline) throw new Error("the store does not answer");
    await sleep(20);
  }
}, 30_000);
afterAll(async () => {
  const gone = once(child, "exit");
  child?.kill("SIGTERM");
  await gone;
  agent.destroy();
});

function call(path: string, body?: string): Promise<{ status: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const method = body === undefined ? "GET" : "POST";
  const headers = { "content-type": "application/json" };
  request({ port, host: "127.0.0.1", path, method, headers, agent }, (response) => {
    let text = "";
    response.setEncoding("utf8");
    response.on("data", (chunk) => {
      text += chunk;
    });
    response.once("end", () => resolve({ status: response.statusCode ?? 0, text }));
  })
    .once("error", reject)
    .end(body);
  return promise;
}

const hex = (n: number) => n.toString(16).padStart(16, "0");

function newTrace(traceId: string, writer: number): readonly Span[] {
  const timestamp = Date.now() * 1000;
  return Array.from({ length: spansOfTrace }, (_, i) => ({
    traceId,
    ...(i === 0 ? {} : { parentId: hex(i) }),
    id: hex(i + 1),
    kind: "SERVER",
    name: `step ${i}`,
    timestamp: timestamp + i,
    duration: 10,
    localEndpoint: { serviceName: `service-${writer % 8}` },
    tags: { writer: String(writer) },
  }));
}

test(
  "50 writers and 20 readers for a minute: nothing lost, nothing torn",
  async () => {
    const until = performance.now() + minuteMs;
    const stored = new Map<string, readonly Span[]>();
    let reads = 0;
    const write = async (writer: number): Promise<void> => {
      for (let n = 1; performance.now() < until; n++) {
        const traceId = hex(writer * 1_000_000 + n);
        const spans = newTrace(traceId, writer);
        expect((await call("/api/v2/spans", JSON.stringify(spans))).status).toBe(202);
        stored.set(traceId, spans);
        if (n % 10 === 0) {
          // A read after the 202 sees the write.
          expect(JSON.parse((await call(`/api/v2/trace/${traceId}`)).text)).toEqual(spans);
        }
        await sleep(writerPauseMs);
      }
    };
    const read = async (reader: number): Promise<void> => {
      while (performance.now() < until) {
        const { status, text } = await call(
          `/api/v2/traces?serviceName=service-${reader % 8}&limit=20`,
        );
        expect(status).toBe(200);
        for (const trace of JSON.parse(text) as Span[][]) expect(trace).toHaveLength(spansOfTrace);
        reads++;
      }
    };
    await Promise.all([
      ...Array.from({ length: writers }, (_, i) => write(i + 1)),
      ...Array.from({ length: readers }, (_, i) => read(i)),
    ]);
    expect(reads).toBeGreaterThan(readers);
    const ids = [...stored.keys()];
    expect(ids.length).toBeGreaterThan(writers);
    for (let i = 0; i < ids.length; i += 100) {
      const asked = ids.slice(i, i + 100);
      const { text } = await call(`/api/v2/traceMany?traceIds=${asked.join(",")}`);
      const traces = new Map(
        (JSON.parse(text) as Span[][]).map((trace) => [trace[0]?.traceId, trace]),
      );
      for (const id of asked) expect(traces.get(id)).toEqual(stored.get(id));
    }
  },
  3 * minuteMs,
);
