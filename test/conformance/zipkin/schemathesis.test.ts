import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startZipkin } from "@tracemesh/zipkin";
import { expect, test } from "vitest";
import { installSchemathesis } from "./installed-judges.ts";

/** Seconds given to the tool: it tries what it can in that time. */
const BUDGET_SECONDS = 25;

/** What the tool finds in the real Zipkin 3.5.1 too, where the document is narrower or wider than the server. */
const accepted: ReadonlySet<string> = new Set([
  "Response violates schema", // the document says GET /spans returns spans; it returns names
  "Schema-valid request rejected", // endTs=0, zero ids, negative durations, ...
  "Schema-violating request accepted", // a missing body is 202
  "Undocumented status code", // 400 is not in the document everywhere
  "Wrong response to undeclared method", // TRACE, QUERY
]);

interface Report {
  readonly operations: { readonly tested: number };
  readonly test_cases: { readonly generated: number };
  readonly failures: readonly { readonly title: string; readonly operations: readonly string[] }[];
  readonly errors: readonly { readonly title: string }[];
}

test("schemathesis finds no 5xx and nothing that the real server does not show", {
  timeout: 180_000,
}, async () => {
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const zipkin = await startZipkin({ env: {}, port: 0, host: "127.0.0.1", log });
  const folder = mkdtempSync(join(tmpdir(), "schemathesis-"));
  try {
    const report = await examine(`http://127.0.0.1:${zipkin.port}/api/v2`, folder);
    expect(report.operations.tested).toBe(9);
    expect(report.test_cases.generated).toBeGreaterThan(300);
    expect(report.failures.filter(({ title }) => !accepted.has(title))).toEqual([]);
    // It cannot make protobuf bodies.
    expect(report.errors.map(({ title }) => title)).toEqual(["Serialization not possible"]);
    expect(lines).toEqual([]); // nothing ended as an internal error
  } finally {
    await zipkin.close();
    rmSync(folder, { recursive: true });
  }
});

async function examine(url: string, folder: string): Promise<Report> {
  const file = join(folder, "report.json");
  const document = join(import.meta.dirname, "zipkin2-api.yaml");
  const fixed =
    "--checks all --max-examples 10 --generation-deterministic --no-shrink --continue-on-failure --report json";
  const child = spawn(
    installSchemathesis(),
    [
      ...["run", document, "--url", url, "--max-time", String(BUDGET_SECONDS)],
      ...fixed.split(" "),
      ...["--report-json-path", file],
    ],
    { cwd: folder, stdio: "ignore" },
  );
  await once(child, "exit");
  return JSON.parse(readFileSync(file, "utf8"));
}
