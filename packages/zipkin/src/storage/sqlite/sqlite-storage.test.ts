import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, expect, test } from "vitest";
import { encodeSpans } from "../../model/encoded-spans.ts";
import { spansOf, testStorage } from "../storage-contract.ts";
import { SqliteStorage } from "./sqlite-storage.ts";

testStorage(
  "SqliteStorage",
  (options) => new SqliteStorage({ sqliteFile: ":memory:", ...options }),
);

const folder = mkdtempSync(join(tmpdir(), "zipkin-sqlite-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("what was stored is there after closing and opening again", async () => {
  const options = {
    sqliteFile: join(folder, "again.sqlite"),
    strictTraceId: true,
    searchEnabled: true,
    autocompleteKeys: [],
    maxSpans: 100,
  };
  const first = new SqliteStorage(options);
  first.store(encodeSpans([{ traceId: "0000000000000001", id: "0000000000000001" }]));
  await first.close();
  const second = new SqliteStorage(options);
  expect(spansOf(second, "0000000000000001")).toHaveLength(1);
  expect(second.usage().spans).toBe(1);
  await second.close();
});

test("kill -9 under ingest loses nothing that was answered 202", async () => {
  const env = { ...process.env, STORAGE_TYPE: "sqlite", SQLITE_FILE: join(folder, "kill.sqlite") };
  const first = await start(env);
  const accepted: string[] = [];
  const killed = once(first.child, "exit");
  await Promise.all([0, 1, 2, 3].map((writer) => write(first.base, writer, accepted, first.child)));
  await killed;
  expect(accepted.length).toBeGreaterThanOrEqual(200);
  const second = await start(env);
  const missing: string[] = [];
  for (const id of accepted) {
    const response = await fetch(`${second.base}/api/v2/trace/${id}`);
    await response.arrayBuffer();
    if (response.status !== 200) missing.push(id);
  }
  second.child.kill("SIGTERM");
  expect(await once(second.child, "exit")).toEqual([0, null]);
  expect(missing).toEqual([]);
});

/** Posts until the server is gone; the first writer to see 200 accepted kills it. */
async function write(
  base: string,
  writer: number,
  accepted: string[],
  child: ChildProcess,
): Promise<void> {
  for (let i = 1; ; i++) {
    const id = `${writer + 1}${i.toString(16).padStart(15, "0")}`;
    const body = JSON.stringify([{ traceId: id, id, timestamp: Date.now() * 1000 }]);
    try {
      const response = await fetch(`${base}/api/v2/spans`, { method: "POST", body });
      if (response.status === 202) accepted.push(id);
    } catch {
      return; // killed
    }
    if (accepted.length === 200) child.kill("SIGKILL");
  }
}

async function start(env: NodeJS.ProcessEnv): Promise<{ child: ChildProcess; base: string }> {
  const main = join(import.meta.dirname, "../../main.ts");
  const child = spawn(process.execPath, [main, "--port", "0", "--host", "127.0.0.1"], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let port = "";
  for await (const line of createInterface({ input: child.stdout })) {
    port = /API\s+http:\/\/localhost:(\d+)/.exec(line)?.[1] ?? port;
    if (line.includes("ready")) break;
  }
  return { child, base: `http://127.0.0.1:${port}` };
}
