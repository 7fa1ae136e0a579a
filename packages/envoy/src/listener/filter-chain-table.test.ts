import { describe, expect, test } from "vitest";
import type { FilterChainMatch } from "../config/filter-chain-match.ts";
import { type ConnectionFacts, compileFilterChains } from "./filter-chain-table.ts";

const nothing: FilterChainMatch = {
  prefixRanges: [],
  serverNames: [],
  applicationProtocols: [],
  directSourcePrefixRanges: [],
  sourcePrefixRanges: [],
  sourcePorts: [],
};

const connection: ConnectionFacts = {
  localAddress: "10.0.0.1",
  localPort: 443,
  remoteAddress: "192.0.2.7",
  remotePort: 40_000,
  serverName: "",
  transportProtocol: "raw_buffer",
  applicationProtocols: [],
};

function table(
  chains: Readonly<Record<string, Partial<FilterChainMatch>>>,
  otherwise?: string,
): (facts?: Partial<ConnectionFacts>) => string | undefined {
  const find = compileFilterChains(
    Object.entries(chains).map(([chain, match]) => ({ match: { ...nothing, ...match }, chain })),
    otherwise,
  );
  return (facts = {}) => find({ ...connection, ...facts });
}

const range = (addressPrefix: string, prefixLen: number) => [{ addressPrefix, prefixLen }];

describe("a connection's filter chain", () => {
  test("is the one of its name, then of the longest wildcard, then of any name", () => {
    const find = table({
      exact: { serverNames: ["www.a.test"] },
      long: { serverNames: ["*.b.a.test"] },
      short: { serverNames: ["*.a.test"] },
      any: {},
    });
    expect(find({ serverName: "www.a.test" })).toBe("exact");
    expect(find({ serverName: "x.b.a.test" })).toBe("long");
    expect(find({ serverName: "x.y.a.test" })).toBe("short");
    expect(find({ serverName: "a.test" })).toBe("any");
    expect(find()).toBe("any");
  });

  test("follows the client's order of protocols", () => {
    const find = table({
      h2: { applicationProtocols: ["h2"] },
      http1: { applicationProtocols: ["http/1.1", "http/1.0"] },
      tls: { transportProtocol: "tls", applicationProtocols: ["h2"] },
    });
    expect(find({ applicationProtocols: ["http/1.1", "h2"] })).toBe("http1");
    expect(find({ applicationProtocols: ["x", "h2", "http/1.1"] })).toBe("h2");
    expect(find({ transportProtocol: "tls", applicationProtocols: ["h2"] })).toBe("tls");
    expect(find()).toBeUndefined();
  });

  test("has the longest range around its addresses", () => {
    const find = table({
      ten: { prefixRanges: range("10.0.0.0", 8) },
      near: { prefixRanges: range("10.0.0.0", 24), sourcePrefixRanges: range("192.0.2.0", 24) },
      six: { prefixRanges: range("2001:db8::", 32) },
    });
    expect(find()).toBe("near");
    expect(find({ localAddress: "10.9.9.9" })).toBe("ten");
    expect(find({ localAddress: "2001:db8::1", remoteAddress: "2001:db8::2" })).toBe("six");
    // No way back: "near" was the longest range, and it wants another source.
    expect(find({ remoteAddress: "198.51.100.1" })).toBeUndefined();
  });

  test("depends on where the client is", () => {
    const find = table({
      local: { sourceType: "SAME_IP_OR_LOOPBACK" },
      external: { sourceType: "EXTERNAL" },
    });
    expect(find({ remoteAddress: "127.0.0.1" })).toBe("local");
    expect(find({ remoteAddress: "10.0.0.1" })).toBe("local");
    expect(find()).toBe("external");
  });

  test("goes by ports: a chain for the port shuts out those for any", () => {
    const find = table(
      {
        port: { destinationPort: 443, serverNames: ["a.test"] },
        any: {},
        source: { sourcePorts: [40_000] },
      },
      "default",
    );
    expect(find({ serverName: "a.test" })).toBe("port");
    expect(find()).toBe("default");
    expect(find({ localPort: 80 })).toBe("source");
    expect(find({ localPort: 80, remotePort: 1 })).toBe("any");
  });
});
