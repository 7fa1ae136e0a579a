import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

test("the README's example is the one that runs, and prints what it says", () => {
  const example = readFileSync(path("examples/readme.ts"), "utf8").replace(/^\/\/ biome.*\n/, "");
  expect(readFileSync(path("README.md"), "utf8")).toContain(example);
  const printed = execFileSync(process.execPath, [path("examples/readme.ts")], {
    encoding: "utf8",
  });
  expect(printed).toBe(
    '{"id":"sidecar~127.0.0.1~reviews-v1.default~default.svc.cluster.local","cluster":"reviews.default"}\n',
  );
});
