import { describe, expect, test } from "vitest";
import type { ZipkinConfig } from "../config/zipkin.ts";
import { HeaderMap } from "../http/header-map.ts";
import { ResponseFlags } from "../http/response-flags.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import { createTracer } from "./create-tracer.ts";
import { finalizeDownstreamSpan } from "./finalize-span.ts";
import { reportHeaders } from "./pool-report-sender.ts";
import { createRandomIds } from "./random-ids.ts";
import type { Report, ReportOutcome } from "./report-sender.ts";

const config: ZipkinConfig = {
  type: "ZipkinConfig",
  collectorCluster: "zipkin",
  collectorEndpoint: "/api/v2/spans",
  collectorEndpointVersion: "HTTP_JSON",
  traceId128bit: false,
  splitSpansForRequest: false,
};

function setUp(zipkin: ZipkinConfig, minFlushSpans: number) {
  const counters = new Map<string, number>();
  const reports: { report: Report; done: (outcome: ReportOutcome) => void }[] = [];
  const tracer = createTracer(
    { name: "envoy.tracers.zipkin", typeUrl: "", config: zipkin },
    {
      node: { id: "test-node", cluster: "test-cluster", zone: "" },
      localAddress: "192.0.2.2",
      streams: { open: () => undefined },
      sender: {
        send: (_cluster, report, done) => {
          reports.push({ report, done });
          return { cancel() {} };
        },
      },
      runtime: {
        get: (key) => (key === "tracing.zipkin.min_flush_spans" ? minFlushSpans : undefined),
      },
      stats: {
        counter: (name) => ({
          add: (amount) => counters.set(name, (counters.get(name) ?? 0) + amount),
        }),
      },
      ids: createRandomIds(),
      environment: {},
    },
  );
  const trace = (): void => {
    const headers = new HeaderMap([
      ":method",
      "GET",
      ":path",
      "/0123456789/abc",
      ":authority",
      "example.test",
    ]);
    headers.add("x-forwarded-proto", "http");
    headers.add("x-b3-traceid", "48485a3953bb6124");
    headers.add("x-b3-spanid", "a2fb4a1d1a96d312");
    const info: StreamInfo = {
      connection: {
        id: 1,
        remoteAddress: "127.0.0.1",
        remotePort: 1,
        localAddress: "127.0.0.1",
        localPort: 2,
      },
      protocol: "HTTP/1.1",
      startTimeMicros: 1000,
      endTimeMicros: 3000,
      downstreamRemoteAddress: { address: "127.0.0.1", port: 1 },
      requestHeaders: headers,
      responseCode: 503,
      flags: new ResponseFlags("UF"),
      bytesReceived: 0,
      bytesSent: 98,
      healthCheck: false,
      upstream: { cluster: "service", attemptCount: 1, timing: {} },
    };
    const span = tracer.startSpan({
      headers,
      info,
      decision: { traced: true, reason: "sampling" },
      operation: "ingress",
      direction: "INBOUND",
      spawnUpstreamSpan: false,
      noContextPropagation: false,
    });
    finalizeDownstreamSpan(span, info, { customTags: [], maxPathTagLength: 10, verbose: false });
  };
  return { tracer, trace, reports, counters };
}

describe("the Zipkin tracer", () => {
  test("reports a span as Envoy does", () => {
    const { trace, reports } = setUp(config, 1);
    trace();
    const report = reports[0]?.report as Report;
    expect(JSON.parse(report.body.toString())).toEqual([
      {
        traceId: "48485a3953bb6124",
        id: "a2fb4a1d1a96d312",
        kind: "SERVER",
        name: "example.test",
        timestamp: 1000,
        duration: 2000,
        localEndpoint: { serviceName: "test-cluster", ipv4: "192.0.2.2", port: 0 },
        annotations: [{ timestamp: 3000, value: "ss" }],
        tags: {
          "http.url": "http://example.test/012345678",
          "http.method": "GET",
          downstream_cluster: "-",
          user_agent: "-",
          "http.protocol": "HTTP/1.1",
          "peer.address": "127.0.0.1",
          node_id: "test-node",
          request_size: "0",
          response_size: "98",
          component: "proxy",
          upstream_cluster: "service",
          "upstream_cluster.name": "service",
          "http.status_code": "503",
          response_flags: "UF",
          error: "true",
        },
        shared: true,
      },
    ]);
    expect(reportHeaders(report, "192.0.2.2").lines.slice(8)).toEqual(
      [
        "content-type",
        "application/json",
        "x-envoy-internal",
        "true",
        "x-forwarded-for",
        "192.0.2.2",
      ].concat(["x-envoy-expected-rq-timeout-ms", "5000"]),
    );
  });

  test("writes ids in order in HTTP_PROTO", () => {
    const { trace, reports } = setUp({ ...config, collectorEndpointVersion: "HTTP_PROTO" }, 1);
    trace();
    expect(reports[0]?.report.body.toString("hex")).toContain("1a08a2fb4a1d1a96d312");
  });

  test("bounds what waits for a stuck collector and counts what is lost", () => {
    const { trace, reports, counters } = setUp(config, 1);
    for (let i = 0; i < 1 + 7 * 100 + 5000; i++) trace();
    expect(reports).toHaveLength(8);
    expect(counters.get("tracing.zipkin.reports_dropped")).toBe(1);
    expect(counters.get("tracing.zipkin.spans_sent")).toBe(5701);
  });

  test("gathers spans while a report is under way", () => {
    const { trace, reports } = setUp(config, 1);
    for (let i = 0; i < 4; i++) trace();
    expect(reports.map(({ report }) => spansIn(report))).toEqual([1]);
    reports[0]?.done({ status: 202, grpcStatus: undefined });
    expect(reports.map(({ report }) => spansIn(report))).toEqual([1, 3]);
  });

  test("sends pending spans when it closes", async () => {
    const { tracer, trace, reports, counters } = setUp(config, 50);
    trace();
    expect(reports).toHaveLength(0);
    const closed = tracer.close(1000);
    reports[0]?.done({ status: 202, grpcStatus: undefined });
    await closed;
    expect(counters.get("tracing.zipkin.reports_sent")).toBe(1);
  });
});

function spansIn(report: Report): number {
  return (JSON.parse(report.body.toString()) as unknown[]).length;
}
