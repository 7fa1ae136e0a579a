import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  SpanKind,
  trace,
} from "@opentelemetry/api";
import { createFetch, runWithContext } from "@tracemesh/propagation";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type FakeCollector, startFakeCollector } from "./collector-fake.ts";
import type { TelemetryConfig } from "./config.ts";
import { createTelemetry } from "./create-telemetry.ts";
import type { Telemetry } from "./telemetry.ts";

const T64 = "463ac35c9f6413ad";
const SPAN = "e457b5a2e4d86bd1";

let collector: FakeCollector;
let lines: string[];
let started: Telemetry[];

beforeEach(async () => {
  collector = await startFakeCollector();
  lines = [];
  started = [];
});
afterEach(async () => {
  await Promise.all(started.map((telemetry) => telemetry.shutdown()));
  await collector.close();
});

function create(config: Partial<TelemetryConfig> = {}): Telemetry {
  const told = lines;
  const telemetry = createTelemetry({
    serviceName: "service1",
    endpoint: collector.endpoint,
    log: (line) => told.push(line),
    ...config,
  });
  started.push(telemetry);
  return telemetry;
}

/** Serves one request with these headers: a server span, and what a call made in it would carry. */
function serve(telemetry: Telemetry, headers: Record<string, string>): Record<string, string> {
  const { tracer, propagator } = telemetry;
  const context = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
  const span = tracer.startSpan("GET /", { kind: SpanKind.SERVER }, context);
  const carrier: Record<string, string> = {};
  propagator.inject(trace.setSpan(context, span), carrier, defaultTextMapSetter);
  span.end();
  return carrier;
}

describe("what arrives at the collector", () => {
  test("a tree below the active span, without OTel globals", async () => {
    const telemetry = create();
    await telemetry.withSpan("outer", async () => {
      await telemetry.tracer.startActiveSpan("middle", async (span) => {
        await telemetry.withSpan("inner", () => Promise.resolve());
        span.end();
      });
    });
    await telemetry.shutdown();
    const [inner, middle, outer] = collector.spans;
    expect([outer?.name, middle?.name, inner?.name]).toEqual(["outer", "middle", "inner"]);
    expect(outer?.parentId).toBeUndefined();
    expect(middle?.parentId).toBe(outer?.id);
    expect(inner?.parentId).toBe(middle?.id);
    expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(inner?.localEndpoint["serviceName"]).toBe("service1");
  });

  test("children lie within their parents, in microseconds", async () => {
    const telemetry = create();
    await telemetry.withSpan("outer", () => telemetry.withSpan("inner", () => {}));
    await telemetry.shutdown();
    const [inner, outer] = collector.spans;
    if (inner === undefined || outer === undefined) throw new Error("two spans were expected");
    expect(inner.timestamp).toBeGreaterThanOrEqual(outer.timestamp);
    expect(inner.timestamp + inner.duration).toBeLessThanOrEqual(
      outer.timestamp + outer.duration + 1,
    );
    expect(Number.isInteger(inner.timestamp) && Number.isInteger(inner.duration)).toBe(true);
  });

  test("a failure is tagged and goes on to the caller", async () => {
    const telemetry = create();
    const failure = new Error("no such loan");
    await expect(telemetry.withSpan("find", () => Promise.reject(failure))).rejects.toBe(failure);
    await telemetry.shutdown();
    expect(collector.spans[0]?.tags).toEqual({
      error: "no such loan",
      "otel.status_code": "ERROR",
    });
  });

  test("kind and remote endpoint of a call", async () => {
    const telemetry = create();
    const { tracer, propagator } = telemetry;
    const answer = (): Promise<Response> => Promise.resolve(new Response("", { status: 503 }));
    const fetch = createFetch({ mode: "participate", tracer, propagator, fetch: answer });
    await fetch("http://user:secret@reviews:9080/reviews/0?x=1");
    await fetch("http://localhost:9000/trace/2");
    await telemetry.shutdown();
    const [named, local] = collector.spans;
    expect(named?.kind).toBe("CLIENT");
    expect(named?.name).toBe("GET reviews:9080");
    expect(named?.remoteEndpoint).toEqual({ serviceName: "reviews", port: 9080 });
    expect(named?.tags).toEqual({
      "http.request.method": "GET",
      "http.response.status_code": "503",
      "url.full": "http://reviews:9080/reviews/0?x=1",
      "server.address": "reviews",
      "server.port": "9080",
      "error.type": "503",
      error: "HTTP 503",
      "otel.status_code": "ERROR",
    });
    expect(local?.remoteEndpoint).toEqual({ ipv4: "127.0.0.1", port: 9000 });
  });

  test("a 64-bit trace stays 64-bit and debug is reported", async () => {
    const telemetry = create();
    const next = serve(telemetry, { b3: `${T64}-${SPAN}-d` });
    await telemetry.shutdown();
    const [span] = collector.spans;
    expect(span).toMatchObject({ traceId: T64, parentId: SPAN, debug: true, kind: "SERVER" });
    expect(next).toEqual({
      "x-b3-traceid": T64,
      "x-b3-spanid": span?.id,
      "x-b3-parentspanid": SPAN,
      "x-b3-flags": "1",
    });
  });

  test("uploads ask proxies not to trace them", async () => {
    const telemetry = create();
    await telemetry.withSpan("any", () => {});
    await telemetry.shutdown();
    expect(collector.uploads).toHaveLength(1);
    expect(collector.uploads[0]).toMatchObject({ b3: "0", "content-type": "application/json" });
  });

  test("several services in one process keep their names apart", async () => {
    const [one, two] = [create({ serviceName: "one" }), create({ serviceName: "two" })];
    await one.withSpan("a", () => two.withSpan("b", () => {}));
    await Promise.all([one.shutdown(), two.shutdown()]);
    const byName = new Map(collector.spans.map((span) => [span.name, span]));
    expect(byName.get("a")?.localEndpoint["serviceName"]).toBe("one");
    expect(byName.get("b")?.localEndpoint["serviceName"]).toBe("two");
    expect(byName.get("b")?.parentId).toBe(byName.get("a")?.id);
  });
});

describe("who decides about sampling", () => {
  test.each([
    ["the caller's yes beats our no", 0, { b3: `${T64}-${SPAN}-1` }, 1],
    ["the caller's debug beats our no", 0, { b3: `${T64}-${SPAN}-d` }, 1],
    ["the caller's no beats our yes", 1, { b3: `${T64}-${SPAN}-0` }, 0],
    ["a lone no beats our yes", 1, { "x-b3-sampled": "0" }, 0],
    ["a lone yes beats our no", 0, { b3: "1" }, 1],
    ["an undecided caller leaves it to our yes", 1, { b3: `${T64}-${SPAN}` }, 1],
    ["an undecided caller leaves it to our no", 0, { b3: `${T64}-${SPAN}` }, 0],
    ["a new trace is ours: yes", 1, {}, 1],
    ["a new trace is ours: no", 0, {}, 0],
  ])("%s", async (_claim, samplerRatio, headers, reported) => {
    const telemetry = create({ samplerRatio });
    const next = serve(telemetry, headers);
    await telemetry.shutdown();
    expect(collector.spans).toHaveLength(reported);
    expect(next["x-b3-flags"] === "1" || next["x-b3-sampled"] === "1").toBe(reported === 1);
  });
});

describe("a collector that is down", () => {
  const endpoint = "http://127.0.0.1:1/api/v2/spans";

  test("fails nothing and is told once", async () => {
    const telemetry = create({ endpoint });
    for (let round = 0; round < 3; round++) {
      expect(await telemetry.withSpan("any", () => "answer")).toBe("answer");
      await telemetry.flush();
    }
    expect(lines).toEqual([
      "telemetry: the collector at 127.0.0.1:1 takes no spans: connect ECONNREFUSED 127.0.0.1:1; spans are dropped until it does",
    ]);
  });

  test("is used again when it comes up, and that is told", async () => {
    collector.status = 503;
    const telemetry = create();
    await telemetry.withSpan("lost", () => {});
    await telemetry.flush();
    collector.status = 202;
    await telemetry.withSpan("kept", () => {});
    await telemetry.flush();
    expect(collector.spans.map(({ name }) => name)).toEqual(["kept"]);
    expect(lines).toEqual([
      expect.stringMatching(/takes no spans: the collector answered 503; spans are dropped/),
      "telemetry: the collector takes spans again",
    ]);
  });

  test("keeps no more spans than allowed", async () => {
    const telemetry = create({ maxQueuedSpans: 10 });
    for (let index = 0; index < 50; index++) telemetry.tracer.startSpan(`s${index}`).end();
    await telemetry.shutdown();
    expect(collector.spans.length).toBeLessThanOrEqual(20);
    expect(collector.spans.length).toBeGreaterThanOrEqual(10);
  });

  test("one that never answers does not hold up the end", async () => {
    collector.status = 0;
    const telemetry = create({ shutdownTimeoutMs: 50 });
    await telemetry.withSpan("any", () => {});
    await telemetry.shutdown();
    expect(lines).toEqual(["telemetry: not all spans sent within 50 ms"]);
  });

  test("one that never answers is given up after the time limit", async () => {
    collector.status = 0;
    const telemetry = create({ uploadTimeoutMs: 50 });
    await telemetry.withSpan("lost", () => {});
    await telemetry.flush();
    expect(lines).toEqual([expect.stringMatching(/takes no spans: .*abort.*; spans are dropped/i)]);
  });
});

test("the collector's name is resolved as told", async () => {
  const lookup = vi.fn(() => Promise.resolve(["127.0.0.1"]));
  const endpoint = `http://zipkin.mesh:${collector.port}/api/v2/spans`;
  const telemetry = create({ endpoint, lookup });
  await telemetry.withSpan("any", () => {});
  await telemetry.shutdown();
  expect(lookup).toHaveBeenCalledWith("zipkin.mesh");
  expect(collector.spans).toHaveLength(1);
});

test("a second shutdown is the first", async () => {
  const telemetry = create();
  expect(telemetry.shutdown()).toBe(telemetry.shutdown());
});

test("withSpan gives its result, and sees the context it was called in", async () => {
  const telemetry = create();
  const span = telemetry.tracer.startSpan("request");
  const parent = trace.setSpan(ROOT_CONTEXT, span);
  const result = await runWithContext(parent, () => telemetry.withSpan("work", () => 42));
  span.end();
  await telemetry.shutdown();
  expect(result).toBe(42);
  expect(collector.spans.find(({ name }) => name === "work")?.parentId).toBe(
    span.spanContext().spanId,
  );
});
