import { type RunningZipkin, type Span, startZipkin } from "@tracemesh/zipkin";
import { afterAll, beforeAll, expect, test } from "vitest";
import zipkinJs from "zipkin";
import { HttpLogger } from "zipkin-transport-http";

const { Annotation, BatchRecorder, ExplicitContext, InetAddress, jsonEncoder, option, Tracer } =
  zipkinJs;

let zipkin: RunningZipkin;
beforeAll(async () => {
  zipkin = await startZipkin({ env: {}, port: 0, host: "127.0.0.1", log: console.error });
});
afterAll(() => zipkin.close());

const encodings = [
  { name: "v1 JSON", path: "/api/v1/spans", encoder: jsonEncoder.JSON_V1 },
  { name: "v2 JSON", path: "/api/v2/spans", encoder: jsonEncoder.JSON_V2 },
];

test.each(encodings)("zipkin-js reports a whole trace as $name", async ({ path, encoder }) => {
  const base = `http://127.0.0.1:${zipkin.port}`;
  const errors: unknown[] = [];
  const logger = new HttpLogger({
    endpoint: base + path,
    jsonEncoder: encoder,
    httpInterval: 20,
    log: { error: (...args: unknown[]) => errors.push(args) },
  });
  const tracer = new Tracer({
    ctxImpl: new ExplicitContext(),
    recorder: new BatchRecorder({ logger }),
    traceId128Bit: true,
  });
  const inbound = tracer.createRootId(new option.Some(true));
  const outbound = tracer.letId(inbound, () => tracer.createChildId());
  tracer.letId(inbound, () => {
    tracer.recordServiceName("Shop");
    tracer.recordRpc("GET");
    tracer.recordBinary("http.path", "/cart");
    tracer.recordAnnotation(new Annotation.ServerRecv());
    tracer.letId(outbound, () => {
      tracer.recordServiceName("Shop");
      tracer.recordRpc("Charge");
      tracer.recordAnnotation(new Annotation.ClientSend());
      const host = new InetAddress("10.0.0.9");
      tracer.recordAnnotation(
        new Annotation.ServerAddr({ serviceName: "payments", host, port: 80 }),
      );
      tracer.recordMessage("retry");
      tracer.recordAnnotation(new Annotation.ClientRecv());
    });
    tracer.recordAnnotation(new Annotation.ServerSend());
  });
  const { traceId } = inbound;
  const stored = async (): Promise<Span[]> => {
    const response = await fetch(`${base}/api/v2/trace/${traceId}`);
    return response.status === 200 ? JSON.parse(await response.text()) : [];
  };
  await expect.poll(stored, { timeout: 10_000 }).toHaveLength(2);
  const spans = await stored();
  expect(errors).toEqual([]);
  expect(spans.find(({ id }) => id === inbound.spanId)).toMatchObject({
    traceId,
    kind: "SERVER",
    name: "get",
    localEndpoint: { serviceName: "shop" },
    tags: { "http.path": "/cart" },
  });
  expect(spans.find(({ id }) => id === outbound.spanId)).toMatchObject({
    traceId,
    parentId: inbound.spanId,
    kind: "CLIENT",
    name: "charge",
    localEndpoint: { serviceName: "shop" },
    remoteEndpoint: { serviceName: "payments", ipv4: "10.0.0.9", port: 80 },
    annotations: [{ value: "retry" }],
  });
});
