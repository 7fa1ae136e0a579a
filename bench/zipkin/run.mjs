#!/usr/bin/env node
// Side by side: this repository's store and, with --jar FILE, the real Zipkin with a 1 GB heap.
//
//   node bench/zipkin/run.mjs [--jar zipkin-server-3.5.1-exec.jar] [--seconds 4] [--spans 100000] [--reverse]
//
// Posts over 4 keep-alive connections: 10-span traces over 8 services, about 326 bytes of JSON a span.
// --reverse measures the real one first: compare runs of both orders.
// Prints a Markdown table. CPU and memory come from /proc: Linux only.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { encodings } from "./encodings.mjs";

const { values } = parseArgs({
  options: {
    jar: { type: "string" },
    seconds: { type: "string", default: "4" },
    spans: { type: "string", default: "100000" },
    reverse: { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
const fillSpans = Number(values.spans);
const main = fileURLToPath(new URL("../../packages/zipkin/src/main.ts", import.meta.url));
const node = fileURLToPath(new URL("../../node_modules/.bin/node", import.meta.url));

const candidates = [
  { name: "tracemesh", port: 39511, command: node, args: [main] },
  ...(values.jar
    ? [{ name: "Zipkin 3.5.1", port: 39512, command: "java", args: ["-Xmx1g", "-jar", values.jar] }]
    : []),
];

if (values.reverse) candidates.reverse();

const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });

function call(port, path, body, type) {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? "GET" : "POST";
    const headers =
      body === undefined ? {} : { "content-type": type, "content-length": body.length };
    const request = http.request(
      { port, host: "127.0.0.1", path, method, headers, agent },
      (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode, body: Buffer.concat(chunks) }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

let sequence = 0;
const run = randomBytes(3).toString("hex");

/** Times run on, as they do in life: each trace begins a millisecond after the one before. */
function batch(size) {
  const spans = [];
  while (spans.length < size) {
    const traceId = `${run}${(++sequence).toString(16).padStart(10, "0")}`;
    const start = (Date.now() - 3_000_000 + sequence) * 1000;
    for (let i = 0; i < 10 && spans.length < size; i++) {
      const hop = (i + 1) >> 1;
      const isClient = i % 2 === 1;
      spans.push({
        traceId,
        ...(i > 0 ? { parentId: (sequence * 16 + i).toString(16).padStart(16, "0") } : {}),
        id: (sequence * 16 + i + 1).toString(16).padStart(16, "0"),
        kind: isClient ? "CLIENT" : "SERVER",
        name: isClient ? "get" : "get /item/{id}",
        timestamp: start + i * 500,
        duration: 50_000 - i * 1000,
        localEndpoint: {
          serviceName: `svc-${(isClient ? hop + 7 : hop) % 8}`,
          ipv4: `10.0.0.${1 + (hop % 8)}`,
        },
        ...(isClient ? { remoteEndpoint: { serviceName: `svc-${hop % 8}` } } : {}),
        tags: {
          "http.method": "GET",
          "http.path": `/item/${i}`,
          "http.status_code": sequence % 37 ? "200" : "500",
        },
      });
    }
  }
  return spans;
}

const cpu = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
const rss = (pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;

async function start({ command, args, port }) {
  const begun = performance.now();
  const child = spawn(command, args, {
    env: {
      ...process.env,
      // As the `tracemesh` launcher does: what was compiled once is not compiled again.
      NODE_COMPILE_CACHE: `${tmpdir()}/tracemesh-bench-cache`,
      QUERY_PORT: String(port),
      MEM_MAX_SPANS: "2000000",
      MEM_MAX_BYTES: "2g",
    },
    stdio: "ignore",
  });
  for (;;) {
    const answer = await call(port, "/health").catch(() => undefined);
    if (answer?.status === 200) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { child, startMs: performance.now() - begun };
}

async function post(port, bodies, { path, type }) {
  let next = 0;
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      while (next < bodies.length) {
        const { status } = await call(port, path, bodies[next++], type);
        if (status !== 202) throw new Error(`ingest answered ${status}`);
      }
    }),
  );
}

async function fill(port, pid, total, size, encoding = encodings["v2 JSON"]) {
  const before = cpu(pid);
  for (let sent = 0; sent < total; ) {
    const bodies = [];
    for (let i = 0; i < 200 && sent < total; i++, sent += size)
      bodies.push(encoding.encode(batch(size)));
    await post(port, bodies, encoding);
  }
  return Math.round(total / (cpu(pid) - before));
}

async function latency(port, path, times) {
  const taken = [];
  for (let i = 0; i < times; i++) {
    const begun = performance.now();
    const { status } = await call(port, path);
    if (status !== 200) throw new Error(`${path} answered ${status}`);
    taken.push(performance.now() - begun);
  }
  taken.sort((a, b) => a - b);
  const at = (share) =>
    taken[Math.min(taken.length - 1, Math.floor(share * taken.length))].toFixed(1);
  return `${at(0.5)} / ${at(0.99)}`;
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const rows = new Map();
const note = (row, value) => rows.set(row, [...(rows.get(row) ?? []), value]);
for (const candidate of candidates) {
  const { child, startMs } = await start(candidate);
  const { port } = candidate;
  try {
    note("start to first healthy answer, ms", Math.round(startMs));
    await pause(3000);
    const idle = rss(child.pid);
    note("idle memory, MB", Math.round(idle));
    const cold = await fill(port, child.pid, fillSpans, 100);
    await pause(3000);
    note(`spans per CPU second, first ${fillSpans} (cold)`, cold);
    note(`memory for ${fillSpans} spans, MB`, Math.round(rss(child.pid) - idle));
    const endTs = Date.now();
    const [[{ traceId }]] = JSON.parse((await call(port, "/api/v2/traces?limit=1")).body);
    note("/traces?limit=10, p50 / p99 ms", await latency(port, "/api/v2/traces?limit=10", 200));
    note(
      "/traces by service",
      await latency(port, "/api/v2/traces?limit=10&serviceName=svc-3", 200),
    );
    const tag = "/api/v2/traces?limit=10&annotationQuery=http.status_code%3D500";
    note("/traces by tag", await latency(port, tag, 200));
    note("/trace/{id}", await latency(port, `/api/v2/trace/${traceId}`, 200));
    note(
      "/dependencies",
      await latency(port, `/api/v2/dependencies?endTs=${endTs}&lookback=86400000`, 20),
    );
    for (const [name, encoding] of Object.entries(encodings)) {
      for (const size of [1, 10, 100, 1000]) {
        await fill(port, child.pid, size * 50, size, encoding); // warm-up
        const total = Math.round((size === 1 ? 3000 : 40_000) * (seconds / 4));
        const rate = await fill(port, child.pid, total, size, encoding);
        note(`${name}, spans per CPU second, ${size} a request`, rate);
      }
    }
  } finally {
    child.kill("SIGKILL");
  }
}
console.log(`| | ${candidates.map(({ name }) => name).join(" | ")} |`);
console.log(`|---|${candidates.map(() => "---:|").join("")}`);
for (const [row, cells] of rows) console.log(`| ${row} | ${cells.join(" | ")} |`);
agent.destroy();
