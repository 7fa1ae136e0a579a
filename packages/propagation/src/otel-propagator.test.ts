import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  type TextMapPropagator,
  trace,
} from "@opentelemetry/api";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { extractedValues } from "./arbitraries.ts";
import { type HeaderRecord, recordSetter } from "./carrier.ts";
import { injectB3 } from "./formats/b3.ts";
import { createPropagator } from "./otel-propagator.ts";
import { getExtracted } from "./request-context.ts";

const T64 = "463ac35c9f6413ad";
const T128 = "80f198ee56343ba864fe8b2a57d3eff7";
const SPAN = "e457b5a2e4d86bd1";
const PARENT = "05e3ac9a4f6e3b90";
const CHILD = "00f067aa0ba902b7";

const propagator = createPropagator();

function extract(carrier: HeaderRecord, using: TextMapPropagator = propagator): Context {
  return using.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
}

function inject(context: Context, using: TextMapPropagator = propagator): HeaderRecord {
  const carrier: Record<string, string> = {};
  using.inject(context, carrier, defaultTextMapSetter);
  return carrier;
}

/** A span that a tracer made below what was extracted. */
function below(context: Context, traceFlags: 0 | 1): Context {
  const traceId = trace.getSpanContext(context)?.traceId ?? T128;
  return trace.setSpanContext(context, { traceId, spanId: CHILD, traceFlags });
}

test("everything B3 can say passes through a Context unchanged", () => {
  fc.assert(
    fc.property(extractedValues, (extracted) => {
      const headers: Record<string, string> = {};
      injectB3(extracted, headers, recordSetter);
      expect(inject(extract(headers))).toEqual(headers);
    }),
  );
});

test("debug passes from either form to the other", () => {
  const single = createPropagator({ format: "single" });
  expect(inject(extract({ b3: `${T64}-${SPAN}-d` }))).toEqual({
    "x-b3-traceid": T64,
    "x-b3-spanid": SPAN,
    "x-b3-flags": "1",
  });
  const multi = { "x-b3-traceid": T64, "x-b3-spanid": SPAN, "x-b3-flags": "1" };
  expect(inject(extract(multi), single)).toEqual({ b3: `${T64}-${SPAN}-d` });
});

test("a child keeps a 64-bit trace id and debug", () => {
  const context = below(extract({ b3: `${T64}-${SPAN}-d-${PARENT}` }), 1);
  expect(inject(context)).toEqual({
    "x-b3-traceid": T64,
    "x-b3-spanid": CHILD,
    "x-b3-flags": "1",
  });
});

test("a child sends its own decision where the caller had none", () => {
  const undecided = extract({ b3: `${T64}-${SPAN}` });
  expect(inject(below(undecided, 1))["x-b3-sampled"]).toBe("1");
  expect(inject(below(undecided, 0))["x-b3-sampled"]).toBe("0");
});

test("a child names its parent where the tracer tells it", () => {
  const parent = extract({ b3: `${T128}-${SPAN}-1` });
  const span = Object.assign(
    trace.wrapSpanContext({ traceId: T128, spanId: CHILD, traceFlags: 1 }),
    { parentSpanContext: trace.getSpanContext(parent) },
  );
  expect(inject(trace.setSpan(parent, span))).toEqual({
    "x-b3-traceid": T128,
    "x-b3-spanid": CHILD,
    "x-b3-parentspanid": SPAN,
    "x-b3-sampled": "1",
  });
});

test("a lone debug marks the trace that starts here", () => {
  expect(inject(below(extract({ "x-b3-flags": "1" }), 1))["x-b3-flags"]).toBe("1");
});

test("another trace in the same Context takes nothing from the caller's", () => {
  const context = trace.setSpanContext(extract({ b3: `${T64}-${SPAN}-d` }), {
    traceId: T128,
    spanId: CHILD,
    traceFlags: 1,
  });
  expect(inject(context)).toEqual({
    "x-b3-traceid": T128,
    "x-b3-spanid": CHILD,
    "x-b3-sampled": "1",
  });
});

test("OTel sees a padded trace id and a remote parent", () => {
  expect(trace.getSpanContext(extract({ b3: `${T64}-${SPAN}-1` }))).toEqual({
    traceId: `0000000000000000${T64}`,
    spanId: SPAN,
    traceFlags: 1,
    isRemote: true,
  });
});

test("malformed headers leave the Context as it was", () => {
  const context = extract({ b3: "garbage", "x-b3-traceid": "nonsense" });
  expect(context).toBe(ROOT_CONTEXT);
  expect(getExtracted(context)).toEqual({ kind: "empty" });
});

test("traceparent is not read unless asked for", () => {
  expect(extract({ traceparent: `00-${T128}-${SPAN}-01` })).toBe(ROOT_CONTEXT);
});

const both = createPropagator({ w3c: true });

test("W3C: read where no B3 came, written beside B3", () => {
  const context = extract({ traceparent: `00-${T128}-${SPAN}-03`, tracestate: "a=1,b=2" }, both);
  expect(inject(below(context, 1), both)).toEqual({
    "x-b3-traceid": T128,
    "x-b3-spanid": CHILD,
    "x-b3-sampled": "1",
    traceparent: `00-${T128}-${CHILD}-03`,
    tracestate: "a=1,b=2",
  });
});

test("W3C: B3 wins and its trace does not take the other's tracestate", () => {
  const context = extract(
    {
      b3: `${T64}-${SPAN}-1`,
      traceparent: `00-${T128}-${SPAN}-01`,
      tracestate: "a=1",
    },
    both,
  );
  expect(inject(context, both)).toEqual({
    "x-b3-traceid": T64,
    "x-b3-spanid": SPAN,
    "x-b3-sampled": "1",
    traceparent: `00-0000000000000000${T64}-${SPAN}-01`,
  });
});

test("W3C: a bad tracestate does not spoil traceparent", () => {
  const context = extract({ traceparent: `00-${T128}-${SPAN}-00`, tracestate: "@=,=" }, both);
  expect(inject(context, both)).toEqual({
    "x-b3-traceid": T128,
    "x-b3-spanid": SPAN,
    "x-b3-sampled": "0",
    traceparent: `00-${T128}-${SPAN}-00`,
  });
});
