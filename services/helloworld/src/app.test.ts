import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type RunningService, startService } from "@tracemesh/service-kit";
import { afterEach, expect, test, vi } from "vitest";
import { service } from "./app.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(env: Record<string, string>, lines: string[] = []): Promise<RunningService> {
  const running = await startService(service, {
    env: { PORT: "0", TRACE_MODE: "off", PATH: process.env["PATH"], ...env },
    log: (line) => void lines.push(line),
  });
  closing.push(() => running.close());
  return running;
}

const get = async ({ port }: RunningService, path = "/") =>
  (await fetch(`http://127.0.0.1:${port}${path}`)).text();

test.each([
  [{ TARGET: "Go Sample v1" }, "Hello Go Sample v1!\n"],
  [{}, "Hello World!\n"],
])("says hello to %j on every path", async (env, expected) => {
  const running = await start(env);
  expect(await get(running)).toBe(expected);
  expect(await get(running, "/any/path?x=1")).toBe(expected);
});

test("scaled to zero: concurrent first requests start one process, an idle one ends", async () => {
  const lines: string[] = [];
  const running = await start({ TARGET: "Zero", SCALE_TO_ZERO_AFTER_MS: "50" }, lines);
  const answers = await Promise.all([get(running), get(running), get(running)]);
  expect(answers).toEqual(["Hello Zero!\n", "Hello Zero!\n", "Hello Zero!\n"]);
  expect(lines.filter((line) => line.startsWith("cold start"))).toHaveLength(1);
  await vi.waitFor(() => expect(lines).toContain("idle: scaled to zero"), { timeout: 5_000 });
  expect(await get(running)).toBe("Hello Zero!\n");
  expect(lines.filter((line) => line.startsWith("cold start"))).toHaveLength(2);
});

test("a cold start is seen in the trace as throttler_try and activator_proxy, a warm call is not", async () => {
  const spans: { traceId: string; name: string; id: string; parentId?: string }[] = [];
  const collector = createServer((incoming, response) => {
    let body = "";
    incoming.on("data", (chunk) => {
      body += chunk;
    });
    incoming.on("end", () => {
      spans.push(...JSON.parse(body));
      response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  closing.push(() => collector.close());
  const { port } = collector.address() as AddressInfo;
  const running = await start({
    TRACE_MODE: "participate",
    SCALE_TO_ZERO_AFTER_MS: "60000",
    ZIPKIN_ENDPOINT: `http://127.0.0.1:${port}/api/v2/spans`,
  });
  await get(running);
  await get(running, "/warm");
  await running.close();
  const traces = [...Map.groupBy(spans, ({ traceId }) => traceId).values()].map((trace) =>
    trace.map(({ name }) => name).sort(),
  );
  expect(traces.map((names) => names.includes("throttler_try"))).toEqual([true, false]);
  expect(traces.map((names) => names.includes("activator_proxy"))).toEqual([true, false]);
});

test("a wrong idle time stops the start", async () => {
  await expect(start({ SCALE_TO_ZERO_AFTER_MS: "-1" })).rejects.toThrow("SCALE_TO_ZERO_AFTER_MS");
});
