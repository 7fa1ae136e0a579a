import { describe, expect, test } from "vitest";
import { DecodeError } from "../model/decode-error.ts";
import { decodeJaegerThrift } from "./jaeger-thrift.ts";

/**
 * Bytes written by hand from the public IDL, in Thrift's binary protocol: a field is a type byte, a 16-bit
 * number and the value; a structure ends with a zero byte.
 * https://github.com/jaegertracing/jaeger-idl/blob/main/thrift/jaeger.thrift
 */
const hex = (text: string): string => text.replaceAll(" ", "");
const text = (value: string): string =>
  Buffer.byteLength(value).toString(16).padStart(8, "0") + Buffer.from(value).toString("hex");
const list = (...structures: string[]): string =>
  `0c${structures.length.toString(16).padStart(8, "0")}${structures.join("")}`;
const body = (...parts: string[]): Buffer => Buffer.from(hex(parts.join("")), "hex");

/** Tag: 1 key, 2 vType (0 STRING, 1 DOUBLE, 2 BOOL, 3 LONG, 4 BINARY), 3 to 7 the value of that type. */
const stringTag = (key: string, value: string): string =>
  hex(`0b 0001 ${text(key)} 08 0002 00000000 0b 0003 ${text(value)} 00`);
const tags = {
  double: hex(`0b 0001 ${text("double")} 08 0002 00000001 04 0004 3ff8000000000000 00`),
  yes: hex(`0b 0001 ${text("yes")} 08 0002 00000002 02 0005 01 00`),
  long: hex(`0b 0001 ${text("long")} 08 0002 00000003 0a 0006 7fffffffffffffff 00`),
  bytes: hex(`0b 0001 ${text("bytes")} 08 0002 00000004 0b 0007 00000003 00ff10 00`),
  noError: hex(`0b 0001 ${text("error")} 08 0002 00000002 02 0005 00 00`),
  port: hex(`0b 0001 ${text("peer.port")} 08 0002 00000003 0a 0006 0000000000001f90 00`),
};

const ids = "0a 0001 48485a3953bb6124 0a 0002 463ac35c9f6413ad 0a 0003 000000000000000b ";
const parent = "0a 0004 000000000000000a ";
/** timestamp 1 000 000 000 000 000 µs, duration 1500 µs. */
const times = "0a 0008 00038d7ea4c68000 0a 0009 00000000000005dc ";
const process = (...processTags: string[]): string =>
  hex(`0c 0001 0b 0001 ${text("Shop")} 0f 0002 ${list(...processTags)} 00`);
const span = (...fields: string[]): string => hex(`${fields.join("")} 00`);
const batch = (processField: string, ...spans: string[]): Buffer =>
  body(processField, hex("0f 0002"), list(...spans), "00");
const only = (bytes: Buffer) => {
  const spans = decodeJaegerThrift(bytes);
  expect(spans).toHaveLength(1);
  return spans[0];
};

test("a whole batch becomes a Zipkin span, field by field", () => {
  const name = `0b 0005 ${text("GET /Cart")} `;
  const debug = "08 0007 00000003 "; // sampled and debug
  const spanTags = `0f 000a ${list(
    stringTag("span.kind", "client"),
    stringTag("peer.service", "Payments"),
    stringTag("peer.ipv4", "10.0.0.9"),
    tags.port,
    tags.double,
    tags.yes,
    tags.long,
    tags.bytes,
  )} `;
  const plainLog = hex(`0a 0001 00038d7ea4c68001 0f 0002 ${list(stringTag("event", "retry"))} 00`);
  const fullLog = hex(
    `0a 0001 00038d7ea4c68002 0f 0002 ${list(stringTag("event", "miss"), stringTag("key", "k"))} 00`,
  );
  const logs = `0f 000b ${list(plainLog, fullLog)} `;
  const shop = process(stringTag("ip", "10.0.0.1"), stringTag("hostname", "box"));
  expect(only(batch(shop, span(ids, parent, name, debug, times, spanTags, logs)))).toEqual({
    traceId: "463ac35c9f6413ad48485a3953bb6124",
    parentId: "000000000000000a",
    id: "000000000000000b",
    kind: "CLIENT",
    name: "get /cart",
    timestamp: 1_000_000_000_000_000,
    duration: 1500,
    localEndpoint: { serviceName: "shop", ipv4: "10.0.0.1" },
    remoteEndpoint: { serviceName: "payments", ipv4: "10.0.0.9", port: 8080 },
    annotations: [
      { timestamp: 1_000_000_000_000_001, value: "retry" },
      { timestamp: 1_000_000_000_000_002, value: '{"event":"miss","key":"k"}' },
    ],
    tags: {
      bytes: "AP8Q",
      double: "1.5",
      hostname: "box",
      long: "9223372036854775807",
      yes: "true",
    },
    debug: true,
  });
});

test.each([
  ["client", "CLIENT"],
  ["server", "SERVER"],
  ["producer", "PRODUCER"],
  ["consumer", "CONSUMER"],
  ["internal", undefined],
])("span.kind %s becomes %s", (value, kind) => {
  const spanTags = `0f 000a ${list(stringTag("span.kind", value))} `;
  const decoded = only(batch(process(), span(ids, times, spanTags)));
  expect(decoded?.kind).toBe(kind);
  expect(decoded?.tags).toBeUndefined();
});

describe("parents", () => {
  /** SpanRef: 1 refType (0 CHILD_OF, 1 FOLLOWS_FROM), 2 traceIdLow, 3 traceIdHigh, 4 spanId. */
  const reference = (kind: number, traceIdLow: string, spanId: string): string =>
    hex(
      `08 0001 0000000${kind} 0a 0002 ${traceIdLow} 0a 0003 463ac35c9f6413ad 0a 0004 ${spanId} 00`,
    );
  const same = "48485a3953bb6124";
  const referenced = (...references: string[]) =>
    only(batch(process(), span(ids, `0f 0006 ${list(...references)} `, times)))?.parentId;

  test("come from the first child-of reference inside the trace", () => {
    const first = reference(0, same, "000000000000000c");
    expect(referenced(first, reference(0, same, "000000000000000d"))).toBe("000000000000000c");
  });

  test("are not what a span follows from, nor spans of another trace", () => {
    expect(referenced(reference(1, same, "000000000000000c"))).toBeUndefined();
    expect(referenced(reference(0, "00000000000000ff", "000000000000000c"))).toBeUndefined();
  });

  test("of the span itself win, and zero is none", () => {
    const references = `0f 0006 ${list(reference(0, same, "000000000000000c"))} `;
    const both = only(batch(process(), span(ids, parent, references, times)));
    expect(both?.parentId).toBe("000000000000000a");
    const none = only(batch(process(), span(ids, "0a 0004 0000000000000000 ", times)));
    expect(none?.parentId).toBeUndefined();
  });
});

test("a 64-bit trace id stays one, and a duration of zero is one microsecond", () => {
  const short = "0a 0001 48485a3953bb6124 0a 0002 0000000000000000 0a 0003 000000000000000b ";
  const none = "0a 0008 00038d7ea4c68000 0a 0009 0000000000000000 ";
  expect(only(batch(process(), span(short, none)))).toMatchObject({
    traceId: "48485a3953bb6124",
    duration: 1,
  });
});

test("error=false is no error, and an address may be a number", () => {
  const spanTags = `0f 000a ${list(tags.noError, stringTag("peer.ipv4", "-1062731775"))} `;
  const decoded = only(batch(process(), span(ids, times, spanTags)));
  expect(decoded?.tags).toBeUndefined();
  expect(decoded?.remoteEndpoint).toEqual({ ipv4: "192.168.0.1" });
});

test("unknown fields are stepped over in every structure", () => {
  const unknown = `0d 00c8 0b0c 00000001 ${text("k")} 02 0001 01 00 `; // a map of text to structures
  const tag = hex(
    `${unknown} 0b 0001 ${text("a")} 08 0002 00000000 0b 0003 ${text("b")} ${unknown} 00`,
  );
  const spanTags = `0f 000a ${list(tag)} `;
  const bytes = body(
    hex(unknown),
    process(),
    hex("0f 0002"),
    list(span(unknown, ids, unknown, times, spanTags), span(unknown, ids, times)),
    hex(unknown),
    "00",
  );
  const decoded = decodeJaegerThrift(bytes);
  expect(decoded.map(({ tags: found }) => found)).toEqual([{ a: "b" }, undefined]);
  expect(decoded[1]?.localEndpoint).toEqual({ serviceName: "shop" });
});

test("a process after its spans still names them", () => {
  const bytes = body(hex("0f 0002"), list(span(ids, times)), process(), "00");
  expect(only(bytes)?.localEndpoint).toEqual({ serviceName: "shop" });
});

test("a batch cut at any byte is refused", () => {
  const whole = batch(process(), span(ids, parent, times));
  for (let length = 0; length < whole.length; length++) {
    expect(() => decodeJaegerThrift(whole.subarray(0, length)), `${length}`).toThrow(DecodeError);
  }
});
