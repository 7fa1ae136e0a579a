/** One question to an endpoint: are you well? */

export type ProbeResult =
  | { readonly kind: "healthy"; readonly degraded: boolean }
  /** It answered, and that it is not well. `retriable`: it may have been bad luck. */
  | { readonly kind: "unhealthy"; readonly retriable: boolean }
  /** There was no answer. */
  | { readonly kind: "network failure"; readonly timedOut: boolean };

export interface Probe {
  /** `done` is called once, later or at once; the result gives up. */
  start(done: (result: ProbeResult) => void): { cancel(): void };
  close(): void;
}

export const networkFailure: ProbeResult = { kind: "network failure", timedOut: false };
