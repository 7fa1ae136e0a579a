#!/usr/bin/env node
// Side by side: this repository's store and, with --jar FILE, the real Zipkin.
//
//   node bench/zipkin/run.mjs [--jar zipkin-server-3.5.1-exec.jar] [--heap 1g] [--rounds 2] [--stages 10000,100000] [--least 100] [--no-ingest]
//
// Posts over 4 keep-alive connections: 10-span traces over 8 services, about 326 bytes of JSON a span. Servers take turns, the other one
// first in every second round; figures are the medians of the rounds. Queries are measured at each stage (so many spans stored), then
// again while spans keep coming. Spans per CPU second are those of a warm server that is full and evicts: a fresh one that may hold
// 200000 spans, a fifth of what the real one's heap has room for; after 2 CPU seconds to warm up, each of 4 is a figure of its own.
// Prints a Markdown table. CPU and memory come from /proc: Linux only.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { encodings } from "./encodings.mjs";

const { values } = parseArgs({
  options: {
    jar: { type: "string" },
    heap: { type: "string", default: "1g" },
    rounds: { type: "string", default: "2" },
    stages: { type: "string", default: "10000,100000" },
    least: { type: "string", default: "100" },
    ingest: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const stages = values.stages.split(",").map(Number);
const launcher = fileURLToPath(new URL("../../packages/cli/bin/tracemesh.js", import.meta.url));
const node = fileURLToPath(new URL("../../node_modules/.bin/node", import.meta.url));

const candidates = [
  { name: "tracemesh", port: 39511, command: node, args: [launcher, "zipkin"] },
  ...(values.jar
    ? [
        {
          name: "Zipkin 3.5.1",
          port: 39512,
          command: "java",
          args: [`-Xmx${values.heap}`, "-jar", values.jar],
        },
      ]
    : []),
];

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

/** When the first trace of all would have begun. A server's own ones begin three hours ago. */
let epoch = 0;

/** Times run on, as they do in life: each trace begins a millisecond after the one before. */
function batch(size) {
  const spans = [];
  while (spans.length < size) {
    const traceId = `${run}${(++sequence).toString(16).padStart(10, "0")}`;
    const start = (epoch + sequence) * 1000;
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

async function start({ command, args, port }, maxSpans) {
  const begun = performance.now();
  epoch = Date.now() - 3 * 3_600_000 - sequence;
  const child = spawn(command, args, {
    env: {
      ...process.env,
      QUERY_PORT: String(port),
      MEM_MAX_SPANS: String(maxSpans),
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
        if (status !== 202) throw new Error(`port ${port}: ingest answered ${status}`);
      }
    }),
  );
}

/** Posts so many spans, or as many as take the server so many CPU seconds; tells how many a CPU second took. */
async function fill({ port }, pid, { spans = Infinity, cpuSeconds = Infinity }, size, encoding) {
  const before = cpu(pid);
  let sent = 0;
  while (sent < spans && cpu(pid) - before < cpuSeconds) {
    const bodies = [];
    for (let i = 0; i < 200 && i * size < 20_000 && sent < spans; i++, sent += size)
      bodies.push(encoding.encode(batch(size)));
    await post(port, bodies, encoding);
  }
  return Math.round(sent / (cpu(pid) - before));
}

/** Requests for one figure, unless they take too long. */
const QUERIES = 2000;
const LEAST_QUERIES = Number(values.least);
const QUERY_MS = 5000;

/** Milliseconds of each request, one after the other. */
async function latencies(port, path) {
  const taken = [];
  const end = performance.now() + QUERY_MS;
  while (taken.length < QUERIES && (taken.length < LEAST_QUERIES || performance.now() < end)) {
    const begun = performance.now();
    const { status } = await call(port, path);
    if (status !== 200) throw new Error(`${path} answered ${status}`);
    taken.push(performance.now() - begun);
  }
  return taken.sort((a, b) => a - b);
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Row -> candidate -> one list of numbers a round: a single figure, or p50 and p99. */
const rows = new Map();
function note(row, { name }, ...figures) {
  const cells = rows.get(row) ?? new Map();
  rows.set(row, cells);
  cells.set(name, [...(cells.get(name) ?? []), figures]);
}

async function query(candidate, label) {
  const { port } = candidate;
  const [[{ traceId }]] = JSON.parse((await call(port, "/api/v2/traces?limit=1")).body);
  const day = 86_400_000;
  const paths = {
    "/traces?limit=10": "/api/v2/traces?limit=10",
    "/traces by service": "/api/v2/traces?limit=10&serviceName=svc-3",
    "/traces by tag": "/api/v2/traces?limit=10&annotationQuery=http.status_code%3D500",
    "/traces by a tag of none": "/api/v2/traces?limit=10&annotationQuery=http.status_code%3D404",
    "/trace/{id}": `/api/v2/trace/${traceId}`,
    "/dependencies": `/api/v2/dependencies?endTs=${Date.now()}&lookback=${day}`,
  };
  for (const [name, path] of Object.entries(paths)) {
    const taken = await latencies(port, path);
    const at = (share) => taken[Math.min(taken.length - 1, Math.floor(share * taken.length))];
    note(`${name}, ${label}`, candidate, at(0.5), at(0.99));
  }
}

/** About 2000 spans a second from one connection until told to stop. */
function keepPosting({ port }) {
  const { encode, path, type } = encodings["v2 JSON"];
  let stopped = false;
  const done = (async () => {
    while (!stopped) {
      await call(port, path, encode(batch(100)), type);
      await pause(50);
    }
  })();
  return async () => {
    stopped = true;
    await done;
  };
}

async function measureQueries(candidate) {
  const { child, startMs } = await start(candidate, Math.max(500_000, 1.2 * Math.max(...stages)));
  try {
    note("start to first healthy answer, ms", candidate, startMs);
    await pause(3000);
    const idle = rss(child.pid);
    note("idle memory, MB", candidate, idle);
    let stored = 0;
    for (const stage of stages) {
      const json = encodings["v2 JSON"];
      const rate = await fill(candidate, child.pid, { spans: stage - stored }, 100, json);
      stored = stage;
      await pause(3000);
      if (stage === stages[0]) note(`spans per CPU second, first ${stage}`, candidate, rate);
      note(`memory for ${stage} spans, MB`, candidate, rss(child.pid) - idle);
      await query(candidate, `${stage} stored: p50 / p99 ms`);
    }
    const stop = keepPosting(candidate);
    await query(candidate, "during ingest: p50 / p99 ms").finally(stop);
  } finally {
    child.kill("SIGKILL");
  }
}

/** CPU seconds that count, one by one: on a shared machine they differ by a factor of up to 2. */
const INGEST_SECONDS = 4;

async function measureIngest(candidate) {
  const { child } = await start(candidate, 200_000);
  try {
    await fill(candidate, child.pid, { spans: 250_000 }, 1000, encodings["v2 JSON"]);
    for (const [name, encoding] of Object.entries(encodings)) {
      for (const size of [1, 10, 100, 1000]) {
        await fill(candidate, child.pid, { cpuSeconds: 2 }, size, encoding);
        for (let i = 0; i < INGEST_SECONDS; i++) {
          const rate = await fill(candidate, child.pid, { cpuSeconds: 1 }, size, encoding);
          note(`${name}, spans per CPU second, ${size} a request`, candidate, rate);
        }
      }
    }
  } finally {
    child.kill("SIGKILL");
  }
}

// The first start of all compiles what the later ones find; that of users is the later one.
const { child: first } = await start(candidates[0], 500_000);
await pause(3000);
first.kill("SIGKILL");
await once(first, "exit");

for (let round = 0; round < Number(values.rounds); round++) {
  for (const candidate of round % 2 === 0 ? candidates : candidates.toReversed()) {
    await measureQueries(candidate);
    if (values.ingest) await measureIngest(candidate);
  }
}

/** Of an even number the lower one: two rounds give the better of the two. */
function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[(numbers.length - 1) >> 1];
}

function cell(rounds = []) {
  const [first = []] = rounds;
  return first
    .map((_, i) => median(rounds.map((figures) => figures[i])))
    .map((figure) => (figure < 20 ? figure.toFixed(1) : String(Math.round(figure))))
    .join(" / ");
}

console.log(`| | ${candidates.map(({ name }) => name).join(" | ")} |`);
console.log(`|---|${candidates.map(() => "---:|").join("")}`);
for (const [row, cells] of rows)
  console.log(`| ${row} | ${candidates.map(({ name }) => cell(cells.get(name))).join(" | ")} |`);
agent.destroy();
