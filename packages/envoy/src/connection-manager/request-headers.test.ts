import { describe, expect, test } from "vitest";
import { HeaderMap } from "../http/header-map.ts";
import type { ConnectionInfo } from "../http/stream.ts";
import { noDetails } from "./client-certificate.ts";
import { compileRanges } from "./ip-address.ts";
import { prepareRequestHeaders, type RequestHeaderRules } from "./request-headers.ts";

const rules: RequestHeaderRules = {
  useRemoteAddress: false,
  trustedHops: 0,
  skipXffAppend: false,
  appendXForwardedPort: false,
  isInternalAddress: compileRanges([{ addressPrefix: "10.0.0.0", prefixLen: 8 }]),
  userAgent: undefined,
  via: "",
  requestId: undefined,
  preserveExternalRequestId: false,
  machineAddress: "192.0.2.2",
  clientCertificate: { forward: "SANITIZE", details: noDetails },
};

function connection(remoteAddress: string): ConnectionInfo {
  return { id: 1, remoteAddress, remotePort: 5, localAddress: "127.0.0.1", localPort: 80 };
}

function prepare(
  lines: string[],
  changed: Partial<RequestHeaderRules> = {},
  peer = "203.0.113.9",
): { headers: HeaderMap; origin: ReturnType<typeof prepareRequestHeaders> } {
  const headers = new HeaderMap(lines);
  const all = { ...rules, ...changed };
  const origin = prepareRequestHeaders(headers, connection(peer), all, undefined);
  return { headers, origin };
}

describe("x-forwarded-for", () => {
  test("is left alone unless the connection's address is used", () => {
    const { headers, origin } = prepare(["x-forwarded-for", "1.2.3.4, 5.6.7.8"]);
    expect(headers.get("x-forwarded-for")).toBe("1.2.3.4, 5.6.7.8");
    expect(origin).toEqual({ internal: false, remoteAddress: "5.6.7.8", forwarded: true });
  });

  test("gets the peer's address at the edge, a loopback peer's being the machine's", () => {
    const edge = { useRemoteAddress: true };
    expect(prepare([], edge).headers.get("x-forwarded-for")).toBe("203.0.113.9");
    const { headers } = prepare(["x-forwarded-for", "8.8.8.8"], edge, "127.0.0.1");
    expect(headers.get("x-forwarded-for")).toBe("8.8.8.8,192.0.2.2");
    expect(headers.get("x-envoy-external-address")).toBe("127.0.0.1");
  });

  test("names the client before the trusted hops", () => {
    const { headers } = prepare(["x-forwarded-for", "8.8.8.8, 9.9.9.9"], {
      useRemoteAddress: true,
      trustedHops: 2,
    });
    expect(headers.get("x-envoy-external-address")).toBe("8.8.8.8");
  });
});

describe("internal requests", () => {
  test("come from a single internal address in x-forwarded-for", () => {
    expect(prepare(["x-forwarded-for", "10.1.2.3"]).origin.internal).toBe(true);
    expect(prepare(["x-forwarded-for", "1.1.1.1,10.1.2.3"]).origin.internal).toBe(false);
    expect(prepare([]).origin.internal).toBe(false);
  });

  test("keep the headers that steer the proxy, others lose them", () => {
    const steering = ["x-envoy-retry-on", "5xx", "x-envoy-force-trace", "1"];
    const inside = prepare(["x-forwarded-for", "10.0.0.1", ...steering]).headers;
    expect(inside.get("x-envoy-retry-on")).toBe("5xx");
    expect(inside.get("x-envoy-internal")).toBe("true");
    const outside = prepare(["x-envoy-internal", "true", ...steering]).headers;
    expect(outside.lines).toEqual([":scheme", "http", "x-forwarded-proto", "http"]);
  });
});
