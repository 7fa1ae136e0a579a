import { ExportResultCode } from "@opentelemetry/core";
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import { reasonOf } from "@tracemesh/propagation";

/**
 * Tells the first failure of an outage and its end. A failed batch is given up and counts as done: the
 * batcher neither keeps it nor reports it a second time.
 */
export function tellOutageOnce(
  exporter: SpanExporter,
  log: (line: string) => void,
  givenUp: AbortSignal,
): SpanExporter {
  let down = false;
  return {
    export(spans, done) {
      exporter.export(spans, ({ code, error }) => {
        const failed = code === ExportResultCode.FAILED;
        if (failed && !down && !givenUp.aborted) {
          log(`telemetry: ${reasonOf(error)}; spans are dropped until it does`);
        }
        if (!failed && down) log("telemetry: the collector takes spans again");
        down = failed;
        done({ code: ExportResultCode.SUCCESS });
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
