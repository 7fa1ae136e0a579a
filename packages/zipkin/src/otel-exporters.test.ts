import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { OTLPTraceExporter as OtlpJsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as OtlpProtoExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { ZipkinExporter } from "@opentelemetry/exporter-zipkin";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { SimpleSpanProcessor, type SpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Span } from "./model/span.ts";
import { type RunningZipkin, startZipkin } from "./start-zipkin.ts";

let zipkin: RunningZipkin;
beforeAll(async () => {
  const log = (line: string) => expect(line).toBe("");
  zipkin = await startZipkin({ env: {}, port: 0, host: "127.0.0.1", log });
});
afterAll(() => zipkin.close());

const exporters: Readonly<Record<string, (base: string) => SpanExporter>> = {
  "exporter-zipkin": (base) => new ZipkinExporter({ url: `${base}/api/v2/spans` }),
  "exporter-trace-otlp-http": (base) => new OtlpJsonExporter({ url: `${base}/v1/traces` }),
  "exporter-trace-otlp-proto": (base) => new OtlpProtoExporter({ url: `${base}/v1/traces` }),
};

test.each(Object.entries(exporters))(
  "@opentelemetry/%s reports a client span",
  async (name, create) => {
    const base = `http://127.0.0.1:${zipkin.port}`;
    const provider = new TracerProvider({
      resource: resourceFromAttributes({ "service.name": "Shop" }),
      spanProcessors: [new SimpleSpanProcessor({ exporter: create(base) })],
    });
    const span = provider.getTracer("test").startSpan("Call", { kind: SpanKind.CLIENT });
    span.setAttributes({ "peer.service": "db", attempts: 3 });
    span.setStatus({ code: SpanStatusCode.ERROR, message: "down" });
    span.end();
    await provider.shutdown();
    const { traceId, spanId } = span.spanContext();
    const response = await fetch(`${base}/api/v2/trace/${traceId}`);
    const spans: Span[] = JSON.parse(await response.text());
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({
      traceId,
      id: spanId,
      kind: "CLIENT",
      name: "call",
      localEndpoint: { serviceName: "shop" },
      tags: { attempts: "3", error: "down" },
    });
    // The Zipkin exporter leaves the peer among the tags; what comes as OTLP gets it from there.
    const peer = name === "exporter-zipkin" ? undefined : { serviceName: "db" };
    expect(spans[0]?.remoteEndpoint).toEqual(peer);
    expect(spans[0]?.duration).toBeGreaterThan(0);
  },
);
