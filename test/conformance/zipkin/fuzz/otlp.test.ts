/**
 * Random OpenTelemetry spans, in both their forms, against the rules of their exporter to Zipkin: the real
 * server does not read them. FUZZ_SEED (default 1) chooses what is tried, FUZZ_RUNS (default 1) how many times as much.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ExpectedSpan, expectedOf } from "./otlp-mapping.ts";
import { otlpBatches, toOtlpJson, toOtlpProto } from "./otlp-spans.ts";
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

test("OTLP becomes what the Zipkin exporter's rules say, the same from JSON and protobuf", async () => {
  const property = fc.asyncProperty(otlpBatches, async (batch) => {
    const expected = batch.spans.map((span) => expectedOf(batch, span)).toSorted(byId);
    const [json, protobuf] = [newTraceId(), newTraceId()];
    await post("application/json", Buffer.from(JSON.stringify(toOtlpJson(batch, json))));
    await post("application/x-protobuf", toOtlpProto(batch, protobuf));
    const [fromJson, fromProto] = [await stored(json), await stored(protobuf)];
    expect(fromJson.map(factsOf).toSorted(byId)).toEqual(expected);
    expect(fromProto.map(withoutTraceId)).toEqual(fromJson.map(withoutTraceId));
  });
  await fc.assert(property, { seed, numRuns });
});

interface StoredSpan extends Omit<ExpectedSpan, "serviceName"> {
  readonly traceId: string;
  readonly localEndpoint?: { readonly serviceName?: string };
}

async function post(contentType: string, body: Buffer): Promise<void> {
  const headers = { "content-type": contentType };
  const answer = await ours.ask({ method: "POST", path: "/v1/traces", headers, body });
  expect(answer.status, answer.body.toString()).toBe(200);
}

async function stored(traceId: string): Promise<readonly StoredSpan[]> {
  const path = `/api/v2/trace/${traceId}`;
  return JSON.parse((await ours.ask({ method: "GET", path, headers: {} })).body.toString());
}

function factsOf(span: StoredSpan): ExpectedSpan {
  const { id, kind, name, timestamp, duration, tags = {}, annotations = [] } = span;
  const serviceName = span.localEndpoint?.serviceName;
  return { id, kind, name, timestamp, duration, serviceName, tags, annotations };
}

function withoutTraceId({ traceId: _, ...span }: StoredSpan): unknown {
  return span;
}

function byId(left: ExpectedSpan, right: ExpectedSpan): number {
  return left.id < right.id ? -1 : 1;
}
