import { describe, expect, test } from "vitest";
import type { CorsPolicy } from "../config/filters/cors.ts";
import { HeaderMap } from "../http/header-map.ts";
import { Runtime } from "../runtime/runtime.ts";
import { StatsStore } from "../stats/stats-store.ts";
import { createCors } from "./cors.ts";
import type { FilterStream } from "./filter.ts";

const name = "envoy.filters.http.cors";
const policy: CorsPolicy = {
  type: "CorsPolicy",
  allowOriginStringMatch: [{ exact: "https://shop.example", ignoreCase: false }],
  allowMethods: "GET, PUT",
  allowHeaders: "x-token",
  exposeHeaders: "x-total",
  maxAge: "600",
  allowCredentials: true,
};

interface Asked {
  readonly origin?: string;
  readonly preflight?: boolean;
  readonly changes?: Partial<CorsPolicy>;
  readonly privateNetwork?: boolean;
}

/** What the filter makes of a request and, where it lets it pass, of the service's answer. */
function ask({ origin, preflight = false, changes = {}, privateNetwork = false }: Asked) {
  const headers = new HeaderMap([":method", preflight ? "OPTIONS" : "GET", ":path", "/"]);
  if (origin !== undefined) headers.add("origin", origin);
  if (preflight) headers.add("access-control-request-method", "PUT");
  if (privateNetwork) headers.add("access-control-request-private-network", "true");
  const config = { ...policy, ...changes };
  const answered: HeaderMap[] = [];
  const stream = {
    headers,
    random: 1,
    route: { kind: "route", entry: { action: { kind: "forward" } } },
    filterConfig: () => config,
    encodeHeaders: (answer: HeaderMap) => answered.push(answer),
  } as unknown as FilterStream;
  const stats = new StatsStore();
  const filter = createCors(name, {
    runtime: new Runtime(undefined),
    stats,
    statPrefix: "test",
  }).create(stream);
  const verdict = filter.decodeHeaders(headers, true);
  const answer = answered[0] ?? new HeaderMap([":status", "201"]);
  filter.encodeHeaders?.(answer);
  const count = (which: string) => stats.counter(`http.test.cors.origin_${which}`).value;
  return {
    verdict,
    answer: Object.fromEntries(answer),
    valid: count("valid"),
    invalid: count("invalid"),
  };
}

describe("a request from an allowed origin", () => {
  test("passes, and its answer says so", () => {
    expect(ask({ origin: "https://shop.example" })).toEqual({
      verdict: "continue",
      answer: {
        ":status": "201",
        "access-control-allow-origin": "https://shop.example",
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "x-total",
      },
      valid: 1,
      invalid: 0,
    });
  });

  test("is answered at once where it is a preflight", () => {
    expect(ask({ origin: "https://shop.example", preflight: true })).toEqual({
      verdict: "stop",
      answer: {
        ":status": "200",
        "access-control-allow-origin": "https://shop.example",
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET, PUT",
        "access-control-allow-headers": "x-token",
        "access-control-max-age": "600",
      },
      valid: 1,
      invalid: 0,
    });
  });

  test("may reach a private network where the policy says so", () => {
    const changes = { allowPrivateNetworkAccess: true };
    const asked = { origin: "https://shop.example", preflight: true, privateNetwork: true };
    expect(ask({ ...asked, changes }).answer).toMatchObject({
      "access-control-allow-private-network": "true",
    });
    expect(ask(asked).answer).not.toHaveProperty("access-control-allow-private-network");
  });
});

describe("a request from elsewhere", () => {
  const nothingSaid = { verdict: "continue", answer: { ":status": "201" } };

  test("passes with nothing said", () => {
    const origin = "https://other.example";
    expect(ask({ origin })).toEqual({ ...nothingSaid, valid: 0, invalid: 1 });
    expect(ask({ origin, preflight: true })).toEqual({ ...nothingSaid, valid: 0, invalid: 1 });
  });

  test("is answered where such preflights are not forwarded", () => {
    const changes = { forwardNotMatchingPreflights: false };
    expect(ask({ origin: "https://other.example", preflight: true, changes })).toEqual({
      verdict: "stop",
      answer: { ":status": "200" },
      valid: 0,
      invalid: 1,
    });
  });

  test("counts for nothing without an origin", () => {
    expect(ask({})).toEqual({ ...nothingSaid, valid: 0, invalid: 0 });
    expect(ask({ origin: "" })).toEqual({ ...nothingSaid, valid: 0, invalid: 0 });
  });

  test("passes untouched where the filter is switched off", () => {
    const off = { defaultValue: { numerator: 0, denominator: "HUNDRED" } } as const;
    const asked = { origin: "https://shop.example", changes: { filterEnabled: off } };
    expect(ask(asked)).toEqual({ ...nothingSaid, valid: 0, invalid: 0 });
  });
});
