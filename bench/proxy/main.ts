/**
 * Proxies side by side in one run: `npm ci && npm start` in this folder. Needs nginx, wrk and taskset (Debian: nginx-light wrk
 * util-linux), two cores, and an Envoy 1.40 (see contender.ts).
 *
 *   node main.ts [--rounds 3] [--seconds 5] [--connections 32] [--only TEXT] [--open-loop]
 */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { contenders, findEnvoy } from "./contender.ts";
import { listening, type Measurement, measure } from "./measure.ts";
import { startNginx } from "./nginx.ts";
import { openLoop } from "./open-loop.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "5" },
    connections: { type: "string", default: "32" },
    only: { type: "string" },
    "open-loop": { type: "boolean", default: false },
  },
});
const load = {
  seconds: Number(values.seconds),
  connections: Number(values.connections),
  proxyCore: 0,
  loadCore: 1,
};
const ports = { proxy: 28_080, upstream: 28_081, collector: 28_082 };
const rates = [100, 500, 1_000];

const folder = mkdtempSync(join(tmpdir(), "bench-proxy-"));
const nginx = startNginx(folder, ports, load.loadCore);
try {
  await listening(ports.upstream);
  const { only } = values;
  const all = contenders(ports, folder, findEnvoy()).filter(
    ({ name }) => !only || name.includes(only),
  );
  if (values["open-loop"]) await compareLatency(all);
  else await compareThroughput(all);
} finally {
  nginx.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}

/** Rounds go through all contenders in turn, so that a slow minute of the machine hits them all. */
async function compareThroughput(all: ReturnType<typeof contenders>): Promise<void> {
  const results = new Map<string, Measurement[]>(all.map(({ name }) => [name, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const contender of all) {
      const result = await measure(contender, ports.proxy, ports.upstream, load);
      results.get(contender.name)?.push(result);
      console.error(
        `round ${round + 1}: ${contender.name} ${result.requestsPerSecond.toFixed(0)} req/s`,
      );
    }
  }
  const medians = new Map([...results].map(([name, list]) => [name, medianOf(list)]));
  const base = medians.get("Envoy 1.40, Zipkin 100 %")?.requestsPerSecond ?? Number.NaN;
  console.log(
    `\n| proxy | req/s | to Envoy traced | p50 ms | p99 ms | CPU us/req | RSS MiB | errors |`,
  );
  console.log("| --- | --: | --: | --: | --: | --: | --: | --: |");
  for (const [name, result] of medians) {
    const cells = [
      result.requestsPerSecond.toFixed(0),
      (result.requestsPerSecond / base).toFixed(2),
      result.p50.toFixed(2),
      result.p99.toFixed(2),
      result.cpuMicros?.toFixed(1) ?? "",
      result.memory?.toFixed(0) ?? "",
      String(result.errors),
    ];
    console.log(`| ${name} | ${cells.join(" | ")} |`);
  }
}

async function compareLatency(all: ReturnType<typeof contenders>): Promise<void> {
  console.log(
    `\n| proxy | ${rates.map((rate) => `${rate}/s p50 ms | p99 ms`).join(" | ")} | failed |`,
  );
  console.log(`| --- | ${rates.map(() => "--: | --:").join(" | ")} | --: |`);
  for (const { name, command } of all) {
    const child =
      command && spawn("taskset", ["-c", String(load.proxyCore), ...command], { stdio: "ignore" });
    const port = child ? ports.proxy : ports.upstream;
    await listening(port);
    await openLoop(port, 200, 2);
    const results = [];
    for (const rate of rates) results.push(await openLoop(port, rate, load.seconds));
    child?.kill("SIGKILL");
    const cells = results.map(({ p50, p99 }) => `${p50.toFixed(2)} | ${p99.toFixed(2)}`);
    console.log(
      `| ${name} | ${cells.join(" | ")} | ${results.reduce((sum, { failed }) => sum + failed, 0)} |`,
    );
  }
}

function medianOf(list: readonly Measurement[]): Measurement {
  const median = (values: readonly (number | undefined)[]) => {
    const sorted = values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
  };
  const of = (key: keyof Measurement) => median(list.map((one) => one[key]));
  return {
    requestsPerSecond: of("requestsPerSecond") ?? Number.NaN,
    p50: of("p50") ?? Number.NaN,
    p99: of("p99") ?? Number.NaN,
    cpuMicros: of("cpuMicros"),
    memory: of("memory"),
    errors: of("errors") ?? 0,
  };
}
