/** What a tracer takes from the server around it; each the narrowest interface that will do. */

import type { RandomIds } from "./random-ids.ts";
import type { ReportSender } from "./report-sender.ts";
import type { ReportStreams } from "./report-stream.ts";
import type { RuntimeValues } from "./runtime-values.ts";

export interface Counter {
  add(amount: number): void;
}

export interface Counters {
  /** By its whole name; made on first use, so that it shows as 0. */
  counter(name: string): Counter;
}

export interface TracerDependencies {
  /** After the command line's --service-node, --service-cluster and --service-zone; empty when there is none. */
  readonly node: { readonly id: string; readonly cluster: string; readonly zone: string };
  /** This machine's first address that is not loopback. */
  readonly localAddress: string;
  readonly sender: ReportSender;
  readonly streams: ReportStreams;
  readonly runtime: RuntimeValues;
  readonly stats: Counters;
  readonly ids: RandomIds;
  /** For OTEL_RESOURCE_ATTRIBUTES. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}
