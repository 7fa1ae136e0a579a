import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startFakeCollector } from "@tracemesh/telemetry/collector-fake";
import { afterEach, expect, test } from "vitest";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** The service as a process of its own, on a free port. */
function run(env: Record<string, string>) {
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, HOST: "127.0.0.1", PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const errors: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
  const exited = once(child, "close").then(([status]) => ({ status, stderr: errors.join("") }));
  return { child, exited, lines: createInterface(child.stdout) };
}

test("says when it is ready; SIGTERM ends it after its spans are sent", async () => {
  const collector = await startFakeCollector();
  const env = {
    ZIPKIN_ENDPOINT: `http://zipkin.mesh:${collector.port}/api/v2/spans`,
    TRACEMESH_HOSTS: "zipkin.mesh=127.0.0.1",
  };
  const { child, exited, lines } = run(env);
  const [ready] = (await once(lines, "line")) as [string];
  const port = /^service2 is ready on port (\d+)$/.exec(ready)?.[1];
  const response = await fetch(`http://127.0.0.1:${port}/trace/2`);
  expect(await response.text()).toMatch(/^Hello from behind Envoy \(service 2\)! /);
  child.kill("SIGTERM");
  expect(await exited).toEqual({ status: 0, stderr: "" });
  expect(collector.spans.map(({ name }) => name)).toEqual(["GET /trace/2"]);
  await collector.close();
});

test("wrong settings end it with status 2, each one told", async () => {
  expect(await run({ PORT: "http", TRACE_MODE: "on" }).exited).toEqual({
    status: 2,
    stderr:
      'service2: PORT "http" is not a whole number from 0 to 65535\n' +
      'service2: TRACE_MODE "on" is not one of participate, forward, off\n',
  });
});

test("a port in use ends it with status 1 and says which", async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  const { port } = holder.address() as AddressInfo;
  const { status, stderr } = await run({ PORT: String(port), TRACE_MODE: "forward" }).exited;
  expect(status).toBe(1);
  expect(stderr).toBe(
    `service2: port ${port} on 127.0.0.1 is in use by another program; stop it or set PORT to a free one\n`,
  );
  await new Promise((resolve) => holder.close(resolve));
});
