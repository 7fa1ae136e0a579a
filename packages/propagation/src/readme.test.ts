import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";

const example = new URL("../examples/readme.ts", import.meta.url);

test("the README shows the example", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(await readFile(example, "utf8"));
});

test("the example hands the trace on", async () => {
  const child = spawn(process.execPath, [fileURLToPath(example)], { stdio: "inherit" });
  try {
    await vi.waitFor(() => connected(9380), { timeout: 15_000 });
    const headers = { "x-b3-traceid": "463ac35c9f6413ad" };
    const response = await fetch("http://localhost:9380", { headers });
    expect(await response.text()).toBe("next got 463ac35c9f6413ad\n");
  } finally {
    const closed = once(child, "close");
    child.kill();
    await closed;
  }
});

async function connected(port: number): Promise<void> {
  const socket = createConnection({ port, host: "localhost" });
  await once(socket, "connect");
  socket.destroy();
}
