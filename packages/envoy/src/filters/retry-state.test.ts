import { describe, expect, test } from "vitest";
import { HeaderMap } from "../http/header-map.ts";
import { compileRetryPolicy } from "../routing/retry-policy.ts";
import { RetryState } from "./retry-state.ts";

const room = { mayRetry: true };
const noRoom = { mayRetry: false };

function create(
  retryOn: string,
  headers: string[] = [],
  numRetries = 1,
  random = 0,
): RetryState | undefined {
  const policy = compileRetryPolicy({
    retryOn,
    numRetries,
    retriableStatusCodes: [418],
    retriableHeaders: [],
    retriableRequestHeaders: [],
    retryHostPredicate: [],
  });
  return RetryState.create(policy, new HeaderMap(headers), () => random);
}

function response(status: number, ...lines: string[]): HeaderMap {
  return new HeaderMap([":status", String(status), ...lines]);
}

describe("RetryState", () => {
  test("is not there when nothing is to be retried", () => {
    expect(create("")).toBeUndefined();
    expect(create("no-such-condition")).toBeUndefined();
  });

  test.each([
    ["5xx", response(500), "yes"],
    ["gateway-error", response(500), "no"],
    ["gateway-error", response(503), "yes"],
    ["retriable-4xx", response(409), "yes"],
    ["retriable-4xx", response(404), "no"],
    ["retriable-status-codes", response(418), "yes"],
    ["unavailable", response(200, "grpc-status", "14"), "yes"],
    ["5xx", response(503, "x-envoy-ratelimited", "true"), "no"],
  ])("%s after a response", (retryOn, headers, expected) => {
    expect(create(retryOn)?.afterHeaders(headers, room)).toBe(expected);
  });

  test.each([
    ["connect-failure", "remote connection failure", "yes"],
    ["connect-failure", "connection termination", "no"],
    ["reset", "connection termination", "yes"],
    ["refused-stream", "remote refused stream reset", "yes"],
    ["5xx", "overflow", "no"],
    ["retriable-4xx", "connection termination", "no"],
  ] as const)("%s after %s", (retryOn, reason, expected) => {
    expect(create(retryOn)?.afterFailure(reason, true, room)).toBe(expected);
  });

  test("ends when the number is used up, or the circuit breaker is open", () => {
    const state = create("5xx", [], 1);
    expect(state?.afterHeaders(response(500), room)).toBe("yes");
    expect(state?.afterHeaders(response(500), room)).toBe("limit exceeded");
    expect(create("5xx")?.afterHeaders(response(500), noRoom)).toBe("overflow");
  });

  test("listens to the request's headers and takes them out", () => {
    const headers = new HeaderMap([
      "x-envoy-retry-on",
      "5xx",
      "x-envoy-max-retries",
      "2",
      "a",
      "b",
    ]);
    const state = RetryState.create(compileRetryPolicy(undefined), headers, () => 0);
    expect(headers.lines).toEqual(["a", "b"]);
    const decisions = [1, 2, 3].map(() => state?.afterHeaders(response(500), room));
    expect(decisions).toEqual(["yes", "yes", "limit exceeded"]);
  });

  test("waits a random time below a limit that doubles up to ten times the base", () => {
    const state = create("5xx", [], 9, 4_294_967_295);
    const waits = Array.from({ length: 6 }, () => state?.nextBackOffMs() ?? 0);
    expect(waits).toEqual([25, 50, 100, 200, 250, 250].map((limit) => 4_294_967_295 % limit));
  });
});
