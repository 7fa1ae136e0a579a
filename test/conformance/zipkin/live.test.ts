import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startZipkin } from "@tracemesh/zipkin";
import { expect, test, vi } from "vitest";
import { normaliseBody } from "./normalise.ts";
import { type Case, Disguise, send } from "./replay.ts";

/**
 * Replays the cases against the real server and ours, side by side, and prints every difference:
 *
 *   ZIPKIN_JAR=zipkin-server-3.5.1-exec.jar npm run test:conformance -w @tracemesh/test
 *
 * mvn dependency:copy -Dartifact=io.zipkin:zipkin-server:3.5.1:jar:exec fetches the jar.
 */
const jar = process.env["ZIPKIN_JAR"];
const folder = join(import.meta.dirname, "cases");
/** The real server stores after it has answered. Milliseconds. */
const SETTLE_MS = 150;

/** Where the real server's own text is the JSON library's, or its answer is a known fault. */
const known: ReadonlySet<string> = new Set(["ingest-too-large", "thrift-unknown-field"]);

test("every case that may differ is one of the cases", () => {
  const names = new Set(defaultCases().map(({ name }) => name));
  expect([...known].filter((name) => !names.has(name))).toEqual([]);
});

// Asked for by name, since it needs a JVM and minutes: without a jar there is no such test.
if (jar !== undefined) {
  test("answers as the real server does, live", { timeout: 300_000 }, async () => {
    const port = Number(process.env["ZIPKIN_PORT"] ?? 39611);
    const java = spawn("java", ["-Xmx512m", "-jar", jar ?? ""], {
      env: { ...process.env, QUERY_PORT: String(port) },
      stdio: "ignore",
    });
    const ours = await startZipkin({ env: {}, port: 0, host: "127.0.0.1", log: console.error });
    try {
      const real = `http://127.0.0.1:${port}`;
      await vi.waitFor(async () => expect((await fetch(`${real}/health`)).status).toBe(200), {
        timeout: 120_000,
        interval: 500,
      });
      const differences: string[] = [];
      for (const recorded of defaultCases()) {
        differences.push(...(await compare(recorded, real, `http://127.0.0.1:${ours.port}`)));
      }
      for (const difference of differences) console.log(difference);
      const unknown = differences.filter((line) => !known.has(line.split(" ")[0] ?? ""));
      expect(unknown).toEqual([]);
    } finally {
      java.kill("SIGKILL");
      await once(java, "exit");
      await ours.close();
    }
  });
}

function defaultCases(): Case[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name): Case => JSON.parse(readFileSync(join(folder, name), "utf8")))
    .filter(({ profile = "default" }) => profile === "default");
}

async function compare(recorded: Case, real: string, ours: string): Promise<string[]> {
  const differences: string[] = [];
  const disguise = new Disguise(Date.now());
  for (const [i, request] of recorded.requests.entries()) {
    if (request.method !== "POST") await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const [theirs, mine] = await Promise.all([
      send(real, request, folder, disguise),
      send(ours, request, folder, disguise),
    ]);
    const at = `${recorded.name} ${i + 1} ${request.method ?? "GET"} ${request.path}`;
    if (theirs.status !== mine.status) {
      differences.push(`${at}: status ${theirs.status}, ours ${mine.status}`);
    } else if (
      recorded.expect[i]?.compare === undefined ||
      recorded.expect[i].compare === "exact"
    ) {
      const [left, right] = [theirs, mine].map((answer) => normaliseBody(request.path, answer));
      if (JSON.stringify(sorted(left)) !== JSON.stringify(sorted(right))) {
        differences.push(`${at}:\n  real ${JSON.stringify(left)}\n  ours ${JSON.stringify(right)}`);
      }
    }
  }
  return differences;
}

/** Objects with their keys in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([key, item]) => [key, sorted(item)]));
}
