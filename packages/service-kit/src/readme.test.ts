import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const example = new URL("../examples/readme.ts", import.meta.url);

test("the README shows the example", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(await readFile(example, "utf8"));
});

test("the example serves", async () => {
  const env = { ...process.env, PORT: "0", TRACE_MODE: "forward" };
  const child = spawn(process.execPath, [fileURLToPath(example)], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [ready] = (await once(createInterface(child.stdout), "line")) as [string];
  const port = /^hello is ready on port (\d+)$/.exec(ready)?.[1];
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("hello\n");
  child.kill("SIGTERM");
  expect(await once(child, "close")).toEqual([0, null]);
});
