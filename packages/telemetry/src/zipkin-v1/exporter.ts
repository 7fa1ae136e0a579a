import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { reasonOf } from "@tracemesh/propagation";
import type { Lookup } from "../lookup.ts";
import { createUploader } from "../upload.ts";
import { encodeV1Json, encodeV1Thrift } from "./encode.ts";
import { toV1Span, type V1Endpoint } from "./span.ts";

export type V1Encoding = "v1-thrift" | "v1-json";

export interface ZipkinV1ExporterOptions {
  /** Whole URL of the collector, e.g. http://zipkin:9411/api/v1/spans. Only its host is ever logged: the path may hold a token. */
  readonly endpoint: string;
  readonly encoding: V1Encoding;
  /** Who reports: v1 writes it on every annotation. */
  readonly host: V1Endpoint;
  readonly uploadTimeoutMs: number;
  readonly lookup?: Lookup | undefined;
}

/** Reports Zipkin v1, which collectors of that age, and hosted ones with a token in the path, take. */
export function createZipkinV1Exporter(options: ZipkinV1ExporterOptions): SpanExporter {
  const { endpoint, encoding, lookup, uploadTimeoutMs: timeoutMs } = options;
  const [encode, contentType] =
    encoding === "v1-thrift"
      ? ([encodeV1Thrift, "application/x-thrift"] as const)
      : ([encodeV1Json, "application/json"] as const);
  const { host } = new URL(endpoint);
  const uploader = createUploader(endpoint, { timeoutMs, contentType, lookup });
  const running = new Set<Promise<void>>();
  const settled = async () => void (await Promise.all(running));

  const upload = (spans: readonly ReadableSpan[]): Promise<ExportResult> =>
    uploader.upload(encode(spans.map((span) => toV1Span(span, options.host)))).then(
      () => ({ code: ExportResultCode.SUCCESS }),
      (cause: unknown) => ({
        code: ExportResultCode.FAILED,
        error: new Error(`the collector at ${host} takes no spans: ${reasonOf(cause)}`),
      }),
    );

  return {
    export: (spans, done) => {
      const task = upload(spans).then((result) => {
        running.delete(task);
        done(result);
      });
      running.add(task);
    },
    forceFlush: settled,
    shutdown: async () => {
      await settled();
      uploader.close();
    },
  };
}
