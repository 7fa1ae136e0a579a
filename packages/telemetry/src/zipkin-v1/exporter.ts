/** An OpenTelemetry SpanExporter that reports Zipkin v1: what collectors of that age, and hosted ones with a token in the path, take. */
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { encodeV1Json, encodeV1Thrift } from "./encode.ts";
import { toV1Span, type V1Endpoint } from "./span.ts";

export type V1Encoding = "v1-thrift" | "v1-json";

export interface V1ExporterOptions {
  /** Whole URL of the collector, e.g. http://zipkin:9411/api/v1/spans. Never logged beyond its host: the path may hold a token. */
  readonly url: string;
  readonly encoding: V1Encoding;
  readonly endpoint: V1Endpoint;
  readonly fetch: typeof fetch;
  /** Milliseconds for one upload; default 5000. */
  readonly timeoutMs?: number;
}

export function createZipkinV1Exporter(options: V1ExporterOptions): SpanExporter {
  const { url, encoding, endpoint, fetch, timeoutMs = 5_000 } = options;
  const [encode, contentType] =
    encoding === "v1-thrift"
      ? ([encodeV1Thrift, "application/x-thrift"] as const)
      : ([encodeV1Json, "application/json"] as const);
  const host = new URL(url).host;
  const running = new Set<Promise<void>>();
  let isShutDown = false;

  async function upload(spans: readonly ReadableSpan[]): Promise<ExportResult> {
    try {
      const response = await fetch(url, {
        method: "POST",
        // b3: 0 keeps the upload itself out of the traces of a proxy on its way.
        headers: { "content-type": contentType, b3: "0" },
        body: new Uint8Array(encode(spans.map((span) => toV1Span(span, endpoint)))),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.text();
      if (response.ok) return { code: ExportResultCode.SUCCESS };
      return failed(`${host} answered ${response.status}: ${text.slice(0, 200).trim()}`);
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      return failed(`${host}: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }

  return {
    export: (spans, done) => {
      if (isShutDown) return done(failed("the exporter is shut down"));
      const task = upload(spans).then((result) => {
        running.delete(task);
        done(result);
      });
      running.add(task);
    },
    forceFlush: async () => void (await Promise.all(running)),
    shutdown: async () => {
      isShutDown = true;
      await Promise.all(running);
    },
  };
}

function failed(message: string): ExportResult {
  return { code: ExportResultCode.FAILED, error: new Error(`zipkin v1: ${message}`) };
}
