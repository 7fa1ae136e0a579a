/** How a tracer hands its reports to the proxy: they travel over the proxy's own clusters, as any request does. */

export interface Report {
  readonly path: string;
  /** `:authority`. */
  readonly host: string;
  /** name, value, name, value, ... after the pseudo headers, before what the proxy adds itself. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** Undefined: none. */
  readonly timeoutMs: number | undefined;
  /** A gRPC call: the body is framed already, and the outcome is in `grpc-status`. */
  readonly grpc: boolean;
}

export interface ReportOutcome {
  /** The collector's status; 503 where it was not reached, 504 where it took too long. Undefined: the answer broke off. */
  readonly status: number | undefined;
  /** Of a gRPC call. */
  readonly grpcStatus: number | undefined;
}

export interface ReportSender {
  /** Calls `done` exactly once, unless cancelled. Undefined: there is no such cluster. */
  send(
    cluster: string,
    report: Report,
    done: (outcome: ReportOutcome) => void,
  ): { cancel(): void } | undefined;
}
