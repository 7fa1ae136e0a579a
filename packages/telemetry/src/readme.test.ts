import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startFakeCollector } from "./collector-fake.ts";

const example = new URL("../examples/readme.ts", import.meta.url);

test("the README shows the example", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(await readFile(example, "utf8"));
});

test("the example reports its two spans", async () => {
  const collector = await startFakeCollector();
  const env = { ...process.env, ZIPKIN_ENDPOINT: collector.endpoint };
  const child = spawn(process.execPath, [fileURLToPath(example)], { env, stdio: "inherit" });
  expect(await once(child, "close")).toEqual([0, null]);
  await collector.close();
  const [select, outer] = collector.spans;
  expect(outer).toMatchObject({ name: "getLoanList", tags: { "user.id": "7" } });
  expect(select).toMatchObject({ name: "select", parentId: outer?.id });
});

test("neither the index nor the light form loads the whole SDK", async () => {
  const index = JSON.stringify(new URL("./index.ts", import.meta.url).href);
  const code = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    const { createTelemetry, startTelemetry } = await import(${index});
    const count = () => loaded.filter((url) => url.includes("/sdk-node/")).length;
    await createTelemetry({ serviceName: "a" }).shutdown();
    const light = count();
    await (await startTelemetry({ serviceName: "b" })).shutdown();
    console.log(JSON.stringify({ light, whole: count() > 0 }));
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code]);
  const [output] = (await once(child.stdout, "data")) as [Buffer];
  expect(JSON.parse(output.toString())).toEqual({ light: 0, whole: true });
});
