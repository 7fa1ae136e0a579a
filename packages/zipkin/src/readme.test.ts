import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = join(import.meta.dirname, "..");
const example = join(folder, "examples/readme.ts");

test("the README shows the example, and it runs", () => {
  const source = readFileSync(example, "utf8");
  expect(readFileSync(join(folder, "README.md"), "utf8")).toContain(source);
  const output = execFileSync(process.execPath, [example], { encoding: "utf8" });
  expect(output).toContain('"traceId":"0000000000000001"');
  expect(output).toContain('"serviceName":"shop"');
});
