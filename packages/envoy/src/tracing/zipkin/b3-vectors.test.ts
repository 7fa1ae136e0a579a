import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { HeaderMap } from "../../http/header-map.ts";
import type { StreamInfo } from "../../http/stream-info.ts";
import { createUuidRequestId } from "../../request-id/uuid-request-id.ts";
import { createRandomIds } from "../random-ids.ts";
import { decideTracing } from "../sampling.ts";
import type { TrafficDirection } from "../tracer.ts";
import { createJsonEncoder } from "./json-encoder.ts";
import { ZipkinTracer } from "./zipkin-tracer.ts";

/** What Envoy 1.40.0 sent upstream and reported, for header sets of the names below in six listener modes. */
interface Vector {
  readonly mode: string;
  readonly case: string;
  readonly upstream: Readonly<Record<string, string>>;
  readonly spans: readonly ReportedSpan[];
}

interface ReportedSpan {
  readonly tid: string;
  readonly id: string;
  readonly par?: string;
  readonly k: string;
  readonly sh?: boolean;
}

const trace = "463ac35c9f6413ad48485a3953bb6124";
const span = "a2fb4a1d1a96d312";
const parent = "0020000000000001";
const uuid = "968ea8f8-3806-45c9-8228-8d3dde5df3b4";
const ids = (traceId: string, more: string[] = ["x-b3-sampled", "1"]): string[] => [
  "x-b3-traceid",
  traceId,
  "x-b3-spanid",
  span,
  ...more,
];

/** What the probe sent under each name. */
const requests: Readonly<Record<string, string[]>> = {
  none: [],
  "b3:0": ["b3", "0"],
  "b3:1": ["b3", "1"],
  "b3:d": ["b3", "d"],
  "sampled0 only": ["x-b3-sampled", "0"],
  "flags1 only": ["x-b3-flags", "1"],
  multi: ids(trace),
  "multi parent": [...ids(trace), "x-b3-parentspanid", parent],
  "multi empty parent": [...ids(trace), "x-b3-parentspanid", ""],
  "multi flags=1": ids(trace, ["x-b3-flags", "1"]),
  "multi defer": ids(trace, []),
  "multi true": ids(trace, ["x-b3-sampled", "true"]),
  "multi 64": ids(span),
  "multi UPPER": [
    "x-b3-traceid",
    trace.toUpperCase(),
    "x-b3-spanid",
    span.toUpperCase(),
    "x-b3-sampled",
    "1",
  ],
  "multi zero-padded 64": ids(`0000000000000000${span}`),
  "single debug": ["b3", `${trace}-${span}-d`],
  "single 1 parent": ["b3", `${trace}-${span}-1-${parent}`],
  "single garbage": ["b3", "garbage"],
  "single bad + multi ok": ["b3", "garbage", ...ids(trace)],
  "single + conflicting multi": [
    "b3",
    `${trace}-${span}-1`,
    "x-b3-traceid",
    "f".repeat(32),
    "x-b3-spanid",
    "e".repeat(16),
    "x-b3-sampled",
    "0",
  ],
  "bad multi traceid": ids("zz"),
  "rid uuid": ["x-request-id", uuid],
  "rid non-uuid": ["x-request-id", "60e82827a270070cfbda38c6f30f478a"],
  "rid non-uuid + b3 sampled1": ["x-request-id", "60e82827a270070cfbda38c6f30f478a", ...ids(trace)],
  "client-trace-id": ["x-request-id", uuid, "x-client-trace-id", "abc"],
  "force-trace": ["x-request-id", uuid],
  "w3c only": ["traceparent", `00-${trace}-${span}-01`, "tracestate", "foo=1"],
  "w3c + b3": [...ids(trace), "traceparent", `00-${"1".repeat(32)}-${"2".repeat(16)}-01`],
  "sampled yes": ids(trace, ["x-b3-sampled", "yes"]),
  "sampled empty": ids(trace, ["x-b3-sampled", ""]),
  "15 char tid": ids("2fb4a1d1a96d312"),
  "prefix garbage": ["b3", `deadbeef${trace}-${span}-1`],
  "single no decision + parent": ["b3", `${trace}-${span}-${parent}`],
  "single UPPER": ["b3", `${trace}-${span}-1`.toUpperCase()],
  "only traceid": ["x-b3-traceid", trace],
  "zero ids": [
    "x-b3-traceid",
    "0000000000000000",
    "x-b3-spanid",
    "0000000000000000",
    "x-b3-sampled",
    "1",
  ],
  "dup tid": ["x-b3-traceid", trace, "x-b3-traceid", "f".repeat(32), ...ids(trace).slice(2)],
};

interface Mode {
  readonly direction: TrafficDirection;
  readonly options?: Partial<ConstructorParameters<typeof ZipkinTracer>[0]>;
  readonly spawn?: boolean;
  readonly random?: number;
}

const modes: Readonly<Record<string, Mode>> = {
  "INBOUND shared (default)": { direction: "INBOUND" },
  "INBOUND shared=false 128bit": {
    direction: "INBOUND",
    options: { sharedSpanContext: false, traceId128bit: true },
  },
  "INBOUND spawn_upstream_span": { direction: "INBOUND", spawn: true },
  OUTBOUND: { direction: "OUTBOUND" },
  "OUTBOUND USE_B3_WITH_W3C_PROPAGATION": {
    direction: "OUTBOUND",
    options: { w3cPropagation: true },
  },
  "OUTBOUND random_sampling 0": { direction: "OUTBOUND", random: 0 },
};

const vectors = readFileSync(new URL("../../../goldens/b3-vectors.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Vector);

/** What our tracer makes of the same request. */
function run(vector: Vector): { upstream: Record<string, string>; spans: ReportedSpan[] } {
  const mode = modes[vector.mode] as Mode;
  const spans: ReportedSpan[] = [];
  const encode = createJsonEncoder({ serviceName: "cluster", address: "127.0.0.1" });
  const random = createRandomIds();
  const tracer = new ZipkinTracer(
    {
      traceId128bit: false,
      sharedSpanContext: true,
      splitSpansForRequest: false,
      w3cPropagation: false,
      node: { id: "node", zone: "" },
      ...mode.options,
    },
    {
      report(reported) {
        const { traceId, id, parentId, kind, shared } = JSON.parse(encode(reported));
        spans.push({
          tid: traceId,
          id,
          k: kind,
          ...(parentId === undefined ? {} : { par: parentId }),
          ...(shared === undefined ? {} : { sh: shared }),
        });
      },
      close: async () => {},
    },
    random,
  );
  const requestId = createUuidRequestId(undefined, random);
  const headers = new HeaderMap([":authority", "host", ...(requests[vector.case] as string[])]);
  if (
    vector.case === "force-trace" &&
    vector.upstream["x-request-id"]?.slice(0, 8) !== uuid.slice(0, 8)
  )
    headers.remove("x-request-id");
  requestId.ensure(headers, false, false);
  const share = { numerator: 10_000, denominator: "TEN_THOUSAND" } as const;
  const decision = decideTracing({
    headers,
    shares: {
      client: share,
      overall: share,
      random: { ...share, numerator: mode.random ?? 10_000 },
    },
    routeShares: undefined,
    requestId,
    runtime: { get: () => undefined },
    ids: random,
    healthCheck: false,
  });
  const server = tracer.startSpan({
    headers,
    info: { startTimeMicros: 1 } as StreamInfo,
    decision,
    operation: "ingress",
    direction: mode.direction,
    spawnUpstreamSpan: mode.spawn ?? false,
    noContextPropagation: false,
  });
  const last = mode.spawn ? server.spawnChild("router up egress", 2) : server;
  last.injectContext(headers);
  if (last !== server) last.finish(3);
  server.finish(4);
  headers.remove(":authority");
  const upstream: Record<string, string> = {};
  for (const [name, value] of headers) upstream[name] ??= value;
  return { upstream, spans };
}

/** Random ids become their order of appearance; those the probe sent stay. In `x-request-id` only the nibble counts. */
function normalise({
  upstream,
  spans,
}: {
  upstream: Readonly<Record<string, string>>;
  spans: readonly ReportedSpan[];
}): unknown {
  const given = new Set([trace, span, parent, "f".repeat(32), "e".repeat(16), "02fb4a1d1a96d312"]);
  const names = new Map<string, string>();
  const rename = (id: string): string => {
    if (given.has(id) || /^0+$/.test(id)) return id;
    const low = id.slice(-16);
    if (!names.has(low)) names.set(low, `id${names.size}`);
    return id.length === 32 ? `wide ${names.get(low)}` : (names.get(low) as string);
  };
  const headers = Object.entries(upstream).map(([name, value]) => {
    if (name === "x-request-id") return [name, value.length === 36 ? value[14] : value];
    if (name === "traceparent")
      return [
        name,
        value
          .split("-")
          .map((part) => rename(part.replace(/^0{16}(?=.{16}$)/, "")))
          .join("-"),
      ];
    return [
      name,
      value
        .split("-")
        .map((part) => (part.length >= 16 ? rename(part) : part))
        .join("-"),
    ];
  });
  headers.sort();
  return {
    headers,
    spans: spans.map((reported) => ({
      tid: rename(reported.tid),
      id: rename(reported.id),
      par: reported.par === undefined ? undefined : rename(reported.par),
      k: reported.k,
      sh: reported.sh,
    })),
  };
}

describe("B3 and W3C headers, as Envoy 1.40 answered", () => {
  test("every name and mode in the recording is known here", () => {
    expect(new Set(vectors.map((vector) => vector.case))).toEqual(new Set(Object.keys(requests)));
    expect(new Set(vectors.map((vector) => vector.mode))).toEqual(new Set(Object.keys(modes)));
  });

  test.each(vectors.map((vector) => [vector.mode, vector.case, vector] as const))(
    "%s: %s",
    (_mode, _case, vector) => {
      expect(normalise(run(vector))).toEqual(normalise(vector));
    },
  );
});
