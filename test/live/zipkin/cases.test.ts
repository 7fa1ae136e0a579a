import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startZipkin } from "@tracemesh/zipkin";
import { expect, test, vi } from "vitest";
import { createPortAllocator } from "../../conformance/envoy/rig/ports.ts";
import { installZipkinServer } from "../../conformance/zipkin/installed-judges.ts";
import { normaliseBody } from "../../conformance/zipkin/normalise.ts";
import { type Case, Disguise, send } from "../../conformance/zipkin/replay.ts";

/** The recorded cases with the real Zipkin and ours side by side: npm run test:live. */
const folder = join(import.meta.dirname, "../../conformance/zipkin/cases");
/** The real server stores after it has answered. Milliseconds. */
const SETTLE_MS = 150;

/** Where we differ on purpose: 413 for a body too large (the real one says 500), unknown thrift fields are skipped (it refuses them). */
const known: ReadonlySet<string> = new Set(["ingest-too-large", "thrift-unknown-field"]);

test("answers as the real server does", { timeout: 300_000 }, async () => {
  const port = await createPortAllocator(11).next();
  const java = spawn("java", ["-Xmx512m", "-jar", installZipkinServer()], {
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
    const differing = new Set(differences.map((line) => line.split(" ")[0]));
    expect(differing, differences.join("\n")).toEqual(known);
  } finally {
    java.kill("SIGKILL");
    await once(java, "exit");
    await ours.close();
  }
});

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
