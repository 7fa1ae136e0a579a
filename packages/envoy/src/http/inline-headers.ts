/**
 * Headers that Envoy keeps in a slot of their own: a repeated line joins the first with a comma and no space, where other names keep
 * their lines apart. The list is what Envoy 1.40 prints at start ("HTTP header map info").
 */
import type { HeaderMap } from "./header-map.ts";

export const inlineRequestHeaders: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "access-control-request-headers",
  "access-control-request-method",
  "access-control-request-private-network",
  "authentication",
  "authorization",
  "cache-control",
  "cdn-loop",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "grpc-accept-encoding",
  "grpc-timeout",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "keep-alive",
  "origin",
  "pragma",
  "proxy-connection",
  "proxy-status",
  "referer",
  "te",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "via",
  "x-client-trace-id",
  "x-envoy-attempt-count",
  "x-envoy-decorator-operation",
  "x-envoy-downstream-service-cluster",
  "x-envoy-downstream-service-node",
  "x-envoy-expected-rq-timeout-ms",
  "x-envoy-external-address",
  "x-envoy-force-trace",
  "x-envoy-hedge-on-per-try-timeout",
  "x-envoy-internal",
  "x-envoy-ip-tags",
  "x-envoy-is-timeout-retry",
  "x-envoy-max-retries",
  "x-envoy-original-host",
  "x-envoy-original-path",
  "x-envoy-original-url",
  "x-envoy-retriable-header-names",
  "x-envoy-retriable-status-codes",
  "x-envoy-retry-grpc-on",
  "x-envoy-retry-on",
  "x-envoy-upstream-alt-stat-name",
  "x-envoy-upstream-rq-per-try-timeout-ms",
  "x-envoy-upstream-rq-timeout-alt-response",
  "x-envoy-upstream-rq-timeout-ms",
  "x-envoy-upstream-stream-duration-ms",
  "x-forwarded-client-cert",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-request-id",
]);

export const inlineResponseHeaders: ReadonlySet<string> = new Set([
  "access-control-allow-credentials",
  "access-control-allow-headers",
  "access-control-allow-methods",
  "access-control-allow-origin",
  "access-control-allow-private-network",
  "access-control-expose-headers",
  "access-control-max-age",
  "age",
  "cache-control",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "date",
  "etag",
  "expires",
  "grpc-message",
  "grpc-status",
  "keep-alive",
  "last-modified",
  "location",
  "proxy-connection",
  "proxy-status",
  "server",
  "transfer-encoding",
  "upgrade",
  "vary",
  "via",
  "x-envoy-attempt-count",
  "x-envoy-decorator-operation",
  "x-envoy-degraded",
  "x-envoy-immediate-health-check-fail",
  "x-envoy-ratelimited",
  "x-envoy-upstream-canary",
  "x-envoy-upstream-healthchecked-cluster",
  "x-envoy-upstream-service-time",
  "x-request-id",
]);

/** Joins repeated lines of inline headers. Most messages have none, and then nothing is written. */
export function joinInlineHeaders(headers: HeaderMap, inline: ReadonlySet<string>): void {
  const { lines } = headers;
  let repeated = false;
  for (let i = 0; i < lines.length && !repeated; i += 2) {
    const name = lines[i] as string;
    for (let j = i + 2; j < lines.length; j += 2)
      if (lines[j] === name && inline.has(name)) repeated = true;
  }
  if (!repeated) return;
  const first = new Map<string, number>();
  let kept = 0;
  for (let i = 0; i < lines.length; i += 2) {
    const name = lines[i] as string;
    const value = lines[i + 1] as string;
    const at = first.get(name);
    if (at !== undefined) {
      lines[at] = joined(lines[at] as string, value);
      continue;
    }
    lines[kept] = name;
    lines[kept + 1] = value;
    if (inline.has(name)) first.set(name, kept + 1);
    kept += 2;
  }
  lines.length = kept;
}

/** Adds a line, or joins it to the one there where the name is inline. */
export function appendHeader(
  headers: HeaderMap,
  inline: ReadonlySet<string>,
  name: string,
  value: string,
): void {
  const present = inline.has(name) ? headers.get(name) : undefined;
  if (present === undefined) headers.add(name, value);
  else headers.set(name, joined(present, value));
}

/** An empty value adds nothing, not even the comma. */
function joined(present: string, value: string): string {
  if (value === "") return present;
  return present === "" ? value : `${present},${value}`;
}
