import { describe, expect, test } from "vitest";
import type { Span } from "../model/span.ts";
import { type OtlpSpan, type OtlpValue, otlpToZipkin } from "./otlp-span.ts";

/** Tables of https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/ */
const plain: OtlpSpan = {
  traceId: "463ac35c9f6413ad48485a3953bb6124",
  spanId: "000000000000000b",
  parentSpanId: "",
  traceState: "",
  name: "Call",
  kind: 1,
  start: { micros: 1_000_000, nanos: 0 },
  end: { micros: 1_001_500, nanos: 0 },
  attributes: new Map(),
  events: [],
  statusCode: 0,
  statusMessage: "",
  droppedAttributes: 0,
  droppedEvents: 0,
};

type Members = Readonly<Record<string, OtlpValue>>;
const attributes = (members: Members) => new Map(Object.entries(members));
const resource: Members = { "service.name": "Shop" };

function convert(span: Partial<OtlpSpan>, members = resource, scope = ["", ""]): Span {
  const [scopeName = "", scopeVersion = ""] = scope;
  const origin = { resource: attributes(members), scopeName, scopeVersion };
  return otlpToZipkin({ ...plain, ...span }, origin);
}

test.each([
  [0, undefined],
  [1, undefined],
  [2, "SERVER"],
  [3, "CLIENT"],
  [4, "PRODUCER"],
  [5, "CONSUMER"],
  [6, undefined],
])("SpanKind %i becomes %s", (kind, expected) => {
  expect(convert({ kind }).kind).toBe(expected);
});

describe("the other side of a call", () => {
  test.each<[Members, Span["remoteEndpoint"]]>([
    [{ "peer.service": "A", "server.address": "b" }, { serviceName: "a" }],
    [{ "server.address": "b", "net.peer.name": "c" }, { serviceName: "b" }],
    [{ "net.peer.name": "c", "network.peer.address": "10.0.0.1" }, { serviceName: "c" }],
    [
      { "network.peer.address": "10.0.0.1", "network.peer.port": 80 },
      { ipv4: "10.0.0.1", port: 80 },
    ],
    [{ "network.peer.address": "2001:db8::1" }, { ipv6: "2001:db8::1" }],
    [{ "network.peer.address": "/run/db.sock" }, { serviceName: "/run/db.sock" }],
    [{ "network.peer.address": "10.0.0.1", "network.peer.port": 70_000 }, { ipv4: "10.0.0.1" }],
    [{ "server.socket.domain": "d", "peer.address": "e" }, { serviceName: "d" }],
    [
      { "server.socket.address": "10.0.0.2", "server.socket.port": "81" },
      { ipv4: "10.0.0.2", port: 81 },
    ],
    [{ "net.sock.peer.name": "f", "peer.hostname": "g" }, { serviceName: "f" }],
    [
      { "net.sock.peer.addr": "10.0.0.3", "net.sock.peer.port": 82 },
      { ipv4: "10.0.0.3", port: 82 },
    ],
    [{ "peer.hostname": "g", "peer.address": "e" }, { serviceName: "g" }],
    [{ "peer.address": "e", "db.name": "h" }, { serviceName: "e" }],
    [{ "db.name": "h" }, { serviceName: "h" }],
    [{ "peer.service": "", "db.name": "h" }, { serviceName: "h" }],
    [{ other: "x" }, undefined],
  ])("of %j is %j", (members, expected) => {
    expect(convert({ kind: 3, attributes: attributes(members) }).remoteEndpoint).toEqual(expected);
    expect(convert({ kind: 4, attributes: attributes(members) }).remoteEndpoint).toEqual(expected);
  });

  test.each([0, 1, 2, 5])("is not sought for SpanKind %i", (kind) => {
    const span = convert({ kind, attributes: attributes({ "peer.service": "a" }) });
    expect(span.remoteEndpoint).toBeUndefined();
  });
});

test.each<[number, string, Span["tags"]]>([
  [0, "ignored", undefined],
  [1, "ignored", { "otel.status_code": "OK" }],
  [2, "down", { "otel.status_code": "ERROR", error: "down" }],
  [2, "", { "otel.status_code": "ERROR", error: "" }],
])("status %i with %j becomes tags %j", (statusCode, statusMessage, tags) => {
  expect(convert({ statusCode, statusMessage }).tags).toEqual(tags);
});

test("an attribute named error does not make a failure of a success", () => {
  expect(convert({ statusCode: 0, attributes: attributes({ error: true }) }).tags).toBeUndefined();
});

test.each<[OtlpValue, string]>([
  ["text", "text"],
  [3, "3"],
  [1.5, "1.5"],
  [true, "true"],
  [false, "false"],
  [["a", 1, true], '["a",1,true]'],
  [{ a: { b: 1 } }, '{"a":{"b":1}}'],
])("the attribute value %j becomes the text %s", (value, expected) => {
  expect(convert({ attributes: attributes({ key: value }) }).tags).toEqual({ key: expected });
});

test("resource, scope, trace state and what was dropped become tags", () => {
  const span = convert(
    {
      traceState: "a=1",
      droppedAttributes: 2,
      droppedEvents: 3,
      attributes: attributes({ k: "span" }),
    },
    { ...resource, "host.name": "box", k: "resource" },
    ["lib", "1.2"],
  );
  expect(span.localEndpoint).toEqual({ serviceName: "shop" });
  expect(span.tags).toEqual({
    "host.name": "box",
    k: "span",
    "otel.dropped_attributes_count": "2",
    "otel.dropped_events_count": "3",
    "otel.scope.name": "lib",
    "otel.scope.version": "1.2",
    "w3c.tracestate": "a=1",
  });
});

test("a resource without a service has one that says so", () => {
  expect(convert({}, {}).localEndpoint).toEqual({ serviceName: "unknown_service" });
});

test.each([
  ["rounds nanoseconds", { micros: 1_000_001, nanos: 600 }, 2],
  ["is at least one microsecond", { micros: 1_000_000, nanos: 0 }, 1],
  ["is absent for a span that has not ended", { micros: 0, nanos: 0 }, undefined],
  ["is absent for an end before the start", { micros: 999_999, nanos: 0 }, undefined],
])("a duration %s", (_, end, expected) => {
  expect(convert({ end }).duration).toBe(expected);
});

test("an event is an annotation; its attributes follow the name", () => {
  const time = { micros: 1_000_100, nanos: 0 };
  const events = [
    { time, name: "retry", attributes: attributes({}) },
    { time: { micros: 1_000_200, nanos: 0 }, name: "miss", attributes: attributes({ key: "k" }) },
  ];
  expect(convert({ events }).annotations).toEqual([
    { timestamp: 1_000_100, value: "retry" },
    { timestamp: 1_000_200, value: '"miss": {"key":"k"}' },
  ]);
});
