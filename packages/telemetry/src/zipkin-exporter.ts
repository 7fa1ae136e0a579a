import { networkInterfaces } from "node:os";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { ZipkinExporter } from "@opentelemetry/exporter-zipkin";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { reasonOf } from "@tracemesh/propagation";
import { createUploader } from "./upload.ts";
import { completeZipkinSpan, type ZipkinSpan } from "./zipkin-span.ts";

export interface ZipkinExporterOptions {
  readonly serviceName: string;
  readonly endpoint: string;
  readonly uploadTimeoutMs: number;
  readonly lookup?: ((hostname: string) => Promise<string>) | undefined;
  readonly log: (line: string) => void;
}

type Done = (result: ExportResult) => void;
type Send = (spans: ZipkinSpan[], done: Done) => void;

/**
 * @opentelemetry/exporter-zipkin with its sender replaced. The package has no setting for a time limit,
 * a kept connection, a remote endpoint, debug or a 64-bit trace id, and reads whole answers into memory.
 */
export function createZipkinExporter(options: ZipkinExporterOptions): SpanExporter {
  const { serviceName, endpoint, lookup } = options;
  const uploader = createUploader(endpoint, { timeoutMs: options.uploadTimeoutMs, lookup });
  const told = outageLog(endpoint, options.log);
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
      () => {
        told.up();
        done({ code: ExportResultCode.SUCCESS });
      },
      (error: unknown) => {
        told.down(error);
        // These spans are given up; the batcher would report each loss again, so it hears of none.
        done({ code: ExportResultCode.SUCCESS });
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

/** Tells the first failure of an outage and its end. */
function outageLog(
  endpoint: string,
  log: (line: string) => void,
): { up(): void; down(error: unknown): void } {
  let down = false;
  return {
    up() {
      if (down) log(`telemetry: ${endpoint} takes spans again`);
      down = false;
    },
    down(error) {
      if (!down) {
        log(
          `telemetry: ${endpoint} takes no spans (${reasonOf(error)}); dropping them until it does`,
        );
      }
      down = true;
    },
  };
}

/** Envoy names the machine's first outside address, too; the two then agree on one host. */
function firstExternalIpv4(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
}
