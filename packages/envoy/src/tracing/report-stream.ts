/** How a tracer streams its reports: one gRPC call to the collector that stays open, over the proxy's own clusters. */

export interface StreamCall {
  readonly path: string;
  /** `:authority`. */
  readonly host: string;
  /** name, value, name, value, ... after the pseudo headers, before what the proxy adds itself. */
  readonly headers: readonly string[];
}

export interface ReportStream {
  /** Sends a message. False: enough for now, `onWritable` follows. */
  send(message: Buffer): boolean;
  /** No more messages; the collector's answer closes the stream. */
  end(): void;
}

export interface ReportStreamEvents {
  /** The collector has been reached. */
  onOpen(stream: ReportStream): void;
  onWritable(): void;
  /** It was not reached, or the call is over, whoever ended it; nothing follows. */
  onClosed(): void;
}

export interface ReportStreams {
  /** Undefined: there is no such cluster, or it has no endpoint. */
  open(
    cluster: string,
    call: StreamCall,
    events: ReportStreamEvents,
  ): { cancel(): void } | undefined;
}
