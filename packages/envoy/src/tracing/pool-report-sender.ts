import { HeaderMap } from "../http/header-map.ts";
import type { ConnectionPool, UpstreamReceiver, UpstreamStream } from "../http/stream.ts";
import { type TimeLimit, type TimeLimitOwner, TimeLimits } from "../time/time-limits.ts";
import type { Report, ReportOutcome, ReportSender } from "./report-sender.ts";

/** A cluster as far as reports need it. */
export interface ReportCluster {
  /** The pool of an endpoint of the balancer's choice; undefined when there is none. */
  pool(): ConnectionPool | undefined;
}

export interface PoolReportSenderOptions {
  readonly cluster: (name: string) => ReportCluster | undefined;
  /** This machine's address, sent as x-forwarded-for. */
  readonly localAddress: string;
}

const noEndpoint: ReportOutcome = { status: 503, grpcStatus: undefined };
const timedOut: ReportOutcome = { status: 504, grpcStatus: undefined };

/** Sends reports over connection pools, with the headers Envoy's internal client adds, in its order. */
export function createPoolReportSender(options: PoolReportSenderOptions): ReportSender {
  const limits = new TimeLimits();
  return {
    send(name, report, done) {
      const cluster = options.cluster(name);
      if (cluster === undefined) return undefined;
      const headers = reportHeaders(report, options.localAddress);
      return new ReportCall(cluster, report, headers, limits, done);
    },
  };
}

export function reportHeaders(report: Report, localAddress: string): HeaderMap {
  const lines = [
    ":method",
    "POST",
    ":path",
    report.path,
    ":authority",
    report.host,
    ":scheme",
    "http",
  ];
  lines.push(...report.headers, "x-envoy-internal", "true", "x-forwarded-for", localAddress);
  if (report.timeoutMs !== undefined && !report.grpc)
    lines.push("x-envoy-expected-rq-timeout-ms", String(report.timeoutMs));
  return new HeaderMap(lines);
}

/** One report on its way. */
class ReportCall implements UpstreamReceiver, TimeLimitOwner {
  readonly #report: Report;
  readonly #headers: HeaderMap;
  readonly #done: (outcome: ReportOutcome) => void;
  readonly #limit: TimeLimit | undefined;
  #waiting: { cancel(): void } | undefined;
  #stream: UpstreamStream | undefined;
  #status: number | undefined;
  #grpcStatus: number | undefined;
  #over = false;

  constructor(
    cluster: ReportCluster,
    report: Report,
    headers: HeaderMap,
    limits: TimeLimits,
    done: (outcome: ReportOutcome) => void,
  ) {
    this.#report = report;
    this.#headers = headers;
    this.#done = done;
    const { timeoutMs } = report;
    if (timeoutMs !== undefined && timeoutMs > 0) this.#limit = limits.start(timeoutMs, this);
    const pool = cluster.pool();
    if (pool === undefined) this.#finish(noEndpoint);
    else this.#waiting = pool.newStream(this);
  }

  cancel(): void {
    if (this.#over) return;
    this.#end();
    this.#release();
  }

  onPoolReady(stream: UpstreamStream): void {
    this.#stream = stream;
    stream.encodeHeaders(this.#headers, false);
    stream.encodeData(this.#report.body, true);
  }

  onPoolFailure(): void {
    this.#finish(noEndpoint);
  }

  onInformational(): void {}

  onHeaders(headers: HeaderMap, endStream: boolean): void {
    this.#status = Number(headers.get(":status"));
    this.#readGrpcStatus(headers);
    if (endStream) this.#complete();
  }

  onData(_chunk: Buffer, endStream: boolean): void {
    if (endStream) this.#complete();
  }

  onTrailers(trailers: HeaderMap): void {
    this.#readGrpcStatus(trailers);
    this.#complete();
  }

  onReset(): void {
    // Before an answer this is a 503 of the proxy's own, as for any request; after it the report has failed.
    this.#finish(
      this.#status === undefined ? noEndpoint : { status: undefined, grpcStatus: undefined },
    );
  }

  onDrain(): void {}

  #readGrpcStatus(headers: HeaderMap): void {
    const value = headers.get("grpc-status");
    if (value !== undefined) this.#grpcStatus = Number(value);
  }

  #complete(): void {
    this.#finish({ status: this.#status, grpcStatus: this.#grpcStatus });
  }

  onTimeLimit(): void {
    if (this.#over) return;
    this.#end();
    this.#release();
    this.#done(timedOut);
  }

  #finish(outcome: ReportOutcome): void {
    if (this.#over) return;
    this.#end();
    this.#done(outcome);
  }

  #end(): void {
    this.#over = true;
    this.#limit?.cancel();
  }

  #release(): void {
    if (this.#stream === undefined) this.#waiting?.cancel();
    else this.#stream.reset("local reset");
  }
}
