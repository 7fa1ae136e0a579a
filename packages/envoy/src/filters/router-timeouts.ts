/** How long a request and each try of it may take. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-upstream-rq-timeout-ms */
import { formatGrpcTimeout, isGrpcContentType, parseGrpcTimeoutMs } from "../http/grpc.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { ForwardAction } from "../routing/route-entry.ts";

/** Milliseconds; 0: none. */
export interface Timeouts {
  readonly global: number;
  readonly perTry: number;
  readonly perTryIdle: number;
  /** What the client is answered then. */
  readonly status: 504 | 204;
}

export interface TimeoutOptions {
  /** router.respect_expected_rq_timeout: the previous proxy's figure is the limit. */
  readonly respectExpected: boolean;
  /** router.suppress_envoy_headers. */
  readonly suppressHeaders: boolean;
}

const expectedHeader = "x-envoy-expected-rq-timeout-ms";
const timeoutHeader = "x-envoy-upstream-rq-timeout-ms";
const altResponseHeader = "x-envoy-upstream-rq-timeout-alt-response";
const perTryHeader = "x-envoy-upstream-rq-per-try-timeout-ms";

/** Reads the route and the headers an internal caller may set (which are taken out), and tells the upstream what to expect. */
export function decideTimeouts(
  headers: HeaderMap,
  action: ForwardAction,
  options: TimeoutOptions,
): Timeouts {
  let global = configuredTimeout(headers, action);
  const expected = options.respectExpected ? readMs(headers.get(expectedHeader)) : undefined;
  const asked = readMs(headers.get(timeoutHeader));
  if (expected !== undefined) global = expected;
  else if (asked !== undefined) global = asked;
  headers.remove(timeoutHeader);
  let perTry = readMs(headers.get(perTryHeader)) ?? action.retryPolicy.perTryTimeoutMs;
  headers.remove(perTryHeader);
  // A try that may take as long as the whole request needs no limit of its own.
  if (global !== 0 && perTry >= global) perTry = 0;
  const { perTryIdleTimeoutMs: perTryIdle } = action.retryPolicy;
  const status = headers.remove(altResponseHeader) ? 204 : 504;
  const timeouts: Timeouts = { global, perTry, perTryIdle, status };
  announceTimeout(headers, timeouts, 0, action, options);
  return timeouts;
}

function configuredTimeout(headers: HeaderMap, action: ForwardAction): number {
  // max_stream_duration replaces the route timeout altogether.
  if (action.maxStreamDuration !== undefined) return 0;
  const max = action.maxGrpcTimeoutMs;
  if (max === undefined || !isGrpcContentType(headers.get("content-type"))) return action.timeoutMs;
  let asked = parseGrpcTimeoutMs(headers.get("grpc-timeout")) ?? 0;
  const offset = action.grpcTimeoutOffsetMs ?? 0;
  if (offset !== 0 && asked > offset) asked -= offset;
  return max !== 0 && (asked === 0 || asked > max) ? max : asked;
}

/** Writes x-envoy-expected-rq-timeout-ms: a try's limit, or what is left of the whole. */
export function announceTimeout(
  headers: HeaderMap,
  { global, perTry }: Timeouts,
  elapsedMs: number,
  action: ForwardAction,
  options: TimeoutOptions,
): void {
  let expected = perTry === 0 ? global : perTry;
  if (expected === 0) return;
  // Out of time: 0 would mean "no limit".
  if (global > 0) expected = elapsedMs >= global ? 1 : Math.min(expected, global - elapsedMs);
  if (!options.suppressHeaders) headers.set(expectedHeader, String(expected));
  if (action.maxGrpcTimeoutMs !== undefined && isGrpcContentType(headers.get("content-type")))
    headers.set("grpc-timeout", formatGrpcTimeout(expected));
}

function readMs(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}
