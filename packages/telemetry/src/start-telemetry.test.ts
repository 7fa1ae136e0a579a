import { context, propagation, trace } from "@opentelemetry/api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FakeCollector, startFakeCollector } from "./collector-fake.ts";
import { startTelemetry } from "./start-telemetry.ts";

let collector: FakeCollector;
beforeEach(async () => {
  collector = await startFakeCollector();
});
afterEach(() => collector.close());

test("OTel's globals are ours between start and shutdown", async () => {
  const telemetry = await startTelemetry({
    env: { SERVICE_NAME: "service1", ZIPKIN_ENDPOINT: collector.endpoint },
  });
  expect(propagation.fields()).toContain("x-b3-traceid");
  // Code that knows only the OTel API is part of the same tree.
  await trace.getTracer("other").startActiveSpan("outer", async (outer) => {
    await telemetry.withSpan("inner", async () => {
      const carrier: Record<string, string> = {};
      propagation.inject(context.active(), carrier);
      expect(carrier["x-b3-parentspanid"]).toBe(outer.spanContext().spanId);
    });
    outer.end();
  });
  await telemetry.shutdown();
  const [inner, outer] = collector.spans;
  expect(inner).toMatchObject({
    name: "inner",
    parentId: outer?.id,
    traceId: outer?.traceId,
    localEndpoint: { serviceName: "service1" },
  });
  expect(propagation.fields()).toEqual([]);
});

test("bad settings stop the start", async () => {
  const start = startTelemetry({ env: { TRACE_SAMPLE_RATIO: "2" } });
  await expect(start).rejects.toThrow('TRACE_SAMPLE_RATIO "2" is not a number from 0 to 1');
});
