/**
 * Random Jaeger batches against the mapping of OpenTracing's tags to Zipkin: the real server does not read
 * them. FUZZ_SEED (default 1) chooses what is tried, FUZZ_RUNS (default 1) how many times as much.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type JaegerBatch,
  type JaegerSpan,
  type JaegerTag,
  type JaegerValue,
  jaegerBatches,
  toJaegerThrift,
} from "./jaeger-spans.ts";
import { type Server, startOurs } from "./servers.ts";

const seed = Number(process.env["FUZZ_SEED"] ?? 1);
const numRuns = 200 * Number(process.env["FUZZ_RUNS"] ?? 1);

let ours: Server;
beforeAll(async () => {
  ours = await startOurs({});
});
afterAll(() => ours.close());

let traces = 0;
const newTraceId = () => `1${(++traces).toString(16).padStart(31, "0")}`;

test("a Jaeger batch becomes what its tags say", async () => {
  const property = fc.asyncProperty(jaegerBatches, async (batch) => {
    const traceId = newTraceId();
    const headers = { "content-type": "application/x-thrift" };
    const body = toJaegerThrift(batch, traceId);
    const answer = await ours.ask({ method: "POST", path: "/api/traces", headers, body });
    expect(answer.status, answer.body.toString()).toBe(202);
    const path = `/api/v2/trace/${traceId}`;
    const stored = await ours.ask({ method: "GET", path, headers: {} });
    const spans: readonly { readonly id: string }[] = JSON.parse(stored.body.toString());
    expect(spans.toSorted(byId)).toEqual(
      batch.spans.map((span) => expectedOf(batch, span, traceId)).toSorted(byId),
    );
  });
  await fc.assert(property, { seed, numRuns });
});

function byId(left: { readonly id: string }, right: { readonly id: string }): number {
  return left.id < right.id ? -1 : 1;
}

const DEBUG = 2;
const NO_ID = "0000000000000000";
const kinds = ["client", "server", "producer", "consumer"];
const fields = ["span.kind", "peer.service", "peer.port"];

function expectedOf(batch: JaegerBatch, span: JaegerSpan, traceId: string) {
  const parent = span.references.find(({ isParent }) => isParent)?.id;
  const parentId = span.parentId === NO_ID ? parent : span.parentId;
  const found = new Map(span.tags.map(([key, value]) => [key, textOf(value)]));
  const kind = found.get("span.kind") ?? "";
  const port = Number(found.get("peer.port"));
  const tags = [...batch.tags, ...span.tags.filter(isPlainTag)].map(([key, value]) => [
    key,
    textOf(value),
  ]);
  const annotations = span.logs
    .map((log) => ({ timestamp: Number(log.micros), value: logText(log.fields) }))
    .toSorted((left, right) => left.timestamp - right.timestamp);
  return withoutNothing({
    traceId,
    parentId: parentId === span.id ? undefined : parentId,
    id: span.id,
    kind: kinds.includes(kind) ? kind.toUpperCase() : undefined,
    name: span.name.toLowerCase(),
    timestamp: Number(span.startMicros),
    duration: Number(span.duration === 0n ? 1n : span.duration),
    localEndpoint: withoutNothing({ serviceName: batch.serviceName.toLowerCase() }),
    remoteEndpoint: withoutNothing({
      serviceName: found.get("peer.service")?.toLowerCase(),
      port: port > 0 && port <= 65535 ? port : undefined,
    }),
    annotations,
    tags: Object.fromEntries(tags),
    debug: (span.flags & DEBUG) !== 0 ? true : undefined,
  });
}

/** The presence of "error" means failure in Zipkin. */
function isPlainTag([key, value]: JaegerTag): boolean {
  return !fields.includes(key) && !(key === "error" && textOf(value) === "false");
}

function logText(found: readonly JaegerTag[]): string {
  const [only] = found;
  if (found.length === 1 && only?.[0] === "event") return textOf(only[1]);
  return JSON.stringify(Object.fromEntries(found.map(([key, value]) => [key, textOf(value)])));
}

function textOf(value: JaegerValue): string {
  return value.kind === "binary"
    ? Buffer.from(value.value).toString("base64")
    : String(value.value);
}

/** Empty texts, lists and objects are left out. */
function withoutNothing<T extends object>(all: T): T & { readonly id: string } {
  const kept = Object.entries(all).filter(
    ([, value]) =>
      value !== undefined && value !== "" && (typeof value !== "object" || hasMembers(value)),
  );
  return Object.fromEntries(kept) as T & { readonly id: string };
}

function hasMembers(value: object): boolean {
  return Object.keys(value).length > 0;
}
