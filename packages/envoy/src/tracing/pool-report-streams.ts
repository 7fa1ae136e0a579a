import { grpcFrameHeader } from "../http/grpc.ts";
import { HeaderMap } from "../http/header-map.ts";
import type { UpstreamReceiver, UpstreamStream } from "../http/stream.ts";
import type { PoolReportSenderOptions, ReportCluster } from "./pool-report-sender.ts";
import type {
  ReportStream,
  ReportStreamEvents,
  ReportStreams,
  StreamCall,
} from "./report-stream.ts";

/** Streams reports over connection pools, with the headers Envoy's internal client adds, in its order. */
export function createPoolReportStreams(options: PoolReportSenderOptions): ReportStreams {
  return {
    open(name, call, events) {
      const pool = options.cluster(name)?.pool();
      if (pool === undefined) return undefined;
      const stream = new PoolReportStream(streamHeaders(call, options.localAddress), events);
      stream.start(pool);
      return stream;
    },
  };
}

function streamHeaders({ path, host, headers }: StreamCall, localAddress: string): HeaderMap {
  const pseudo = [":method", "POST", ":path", path, ":authority", host, ":scheme", "http"];
  const own = ["x-envoy-internal", "true", "x-forwarded-for", localAddress];
  return new HeaderMap([...pseudo, ...headers, ...own]);
}

class PoolReportStream implements UpstreamReceiver, ReportStream {
  readonly #headers: HeaderMap;
  readonly #events: ReportStreamEvents;
  #waiting: { cancel(): void } | undefined;
  #stream: UpstreamStream | undefined;
  #over = false;

  constructor(headers: HeaderMap, events: ReportStreamEvents) {
    this.#headers = headers;
    this.#events = events;
  }

  start(pool: NonNullable<ReturnType<ReportCluster["pool"]>>): void {
    this.#waiting = pool.newStream(this);
  }

  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#stream === undefined) this.#waiting?.cancel();
    else this.#stream.reset("local reset");
  }

  send(message: Buffer): boolean {
    const stream = this.#stream;
    if (stream === undefined || this.#over) return true;
    stream.encodeData(grpcFrameHeader(message.length), false);
    return stream.encodeData(message, false);
  }

  end(): void {
    if (!this.#over) this.#stream?.encodeData(Buffer.alloc(0), true);
  }

  onPoolReady(stream: UpstreamStream): void {
    this.#stream = stream;
    stream.encodeHeaders(this.#headers, false);
    if (!this.#over) this.#events.onOpen(this);
  }

  onPoolFailure(): void {
    this.#close();
  }

  onInformational(): void {}

  onHeaders(_headers: HeaderMap, endStream: boolean): void {
    if (endStream) this.#close();
  }

  onData(_chunk: Buffer, endStream: boolean): void {
    if (endStream) this.#close();
  }

  onTrailers(): void {
    this.#close();
  }

  onReset(): void {
    this.#close();
  }

  onDrain(): void {
    if (!this.#over) this.#events.onWritable();
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.onClosed();
  }
}
