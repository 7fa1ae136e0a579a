import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { TraceSpan } from "../terminal/trace-model.ts";
import { type RunningMesh, startMesh } from "./mesh.ts";

const file = new URL("../../../../docker-compose.yml", import.meta.url).pathname;

let mesh: RunningMesh | undefined;
let blocker: Server | undefined;
afterEach(async () => {
  await mesh?.close();
  blocker?.close();
  mesh = undefined;
});

describe.each([false, true])("service2 and the store, isolated: %s", (isolate) => {
  test("start, answer, tell their traces and stop", async () => {
    const traces: (readonly TraceSpan[])[] = [];
    mesh = await startMesh({
      file,
      services: ["service2"],
      portOffset: "free",
      isolate,
      onTrace: (spans) => traces.push(spans),
    });
    expect(mesh.units.map(({ name }) => name)).toEqual(["zipkin", "service2"]);
    const url = `http://127.0.0.1:${mesh.port(8082)}/trace/2`;
    expect(await (await fetch(url)).text()).toContain("(service 2)");
    await vi.waitFor(() => expect(traces).toHaveLength(1), { timeout: 10_000 });
    expect(traces[0]).toMatchObject([
      { kind: "SERVER", localEndpoint: { serviceName: "service2" } },
    ]);
    await mesh.close();
    await expect(fetch(url)).rejects.toThrow();
  });

  test("bad settings stop the start with their reason", async () => {
    const starting = startMesh({
      file,
      services: ["service2"],
      portOffset: "free",
      isolate,
      env: { TRACE_MODE: "sometimes" },
    });
    await expect(starting).rejects.toThrow('TRACE_MODE "sometimes" is not one of');
  });
});

test("a port in use is told before anything starts", async () => {
  const taken = await new Promise<number>((resolve) => {
    blocker = createServer().listen(0, () => {
      const address = blocker?.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
  const starting = startMesh({ file, services: ["zipkin"], portOffset: taken - 9411 });
  await expect(starting).rejects.toThrow(`port ${taken} (zipkin) is in use`);
});
