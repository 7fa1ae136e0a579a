import { networkInterfaces } from "node:os";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { ZipkinExporter } from "@opentelemetry/exporter-zipkin";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { reasonOf } from "@tracemesh/propagation";
import type { Lookup } from "./lookup.ts";
import { createUploader } from "./upload.ts";
import { completeZipkinSpan, type ZipkinSpan } from "./zipkin-span.ts";

export interface ZipkinExporterOptions {
  readonly serviceName: string;
  readonly endpoint: string;
  readonly uploadTimeoutMs: number;
  /** Ends an upload under way. */
  readonly signal?: AbortSignal | undefined;
  readonly lookup?: Lookup | undefined;
}

type Done = (result: ExportResult) => void;
type Send = (spans: ZipkinSpan[], done: Done) => void;

/**
 * @opentelemetry/exporter-zipkin with its sender replaced. The package has no setting for a time limit,
 * a kept connection, a remote endpoint, debug or a 64-bit trace id, and reads whole answers into memory.
 */
export function createZipkinExporter(options: ZipkinExporterOptions): SpanExporter {
  const { serviceName, endpoint, lookup, signal } = options;
  const uploader = createUploader(endpoint, {
    timeoutMs: options.uploadTimeoutMs,
    contentType: "application/json",
    signal,
    lookup,
  });
  // Not the whole URL: its path may hold a token.
  const { host } = new URL(endpoint);
  const localAddress = firstExternalIpv4();
  const stock = new ZipkinExporter({ serviceName, url: endpoint });

  // The stock exporter maps spans in order and calls its sender at once, so the batch is known here.
  let batch: readonly ReadableSpan[] = [];
  const send: Send = (zipkinSpans, done) => {
    const complete = zipkinSpans.map((zipkinSpan, index) => {
      const span = batch[index];
      return span === undefined ? zipkinSpan : completeZipkinSpan(zipkinSpan, span, localAddress);
    });
    uploader.upload(JSON.stringify(complete)).then(
      () => done({ code: ExportResultCode.SUCCESS }),
      (cause: unknown) => {
        const error = new Error(`the collector at ${host} takes no spans: ${reasonOf(cause)}`);
        done({ code: ExportResultCode.FAILED, error });
      },
    );
  };
  replaceSender(stock, send);

  return {
    export(spans, done) {
      batch = spans;
      stock.export(spans, done);
      batch = [];
    },
    forceFlush: () => stock.forceFlush(),
    async shutdown() {
      await stock.shutdown();
      uploader.close();
    },
  };
}

// `_send` is private; the pinned version has it, and a test fails when an update renames it.
function replaceSender(exporter: ZipkinExporter, send: Send): void {
  if (!Reflect.has(exporter, "_send")) {
    throw new Error("this @opentelemetry/exporter-zipkin has no _send: 3.1.x is supported");
  }
  Reflect.set(exporter, "_send", send);
}

/** Envoy names the machine's first outside address, too; the two then agree on one host. */
function firstExternalIpv4(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
}
