import fc from "fast-check";
import { expect, test } from "vitest";
import type { EncodedSpans } from "../model/encoded-spans.ts";
import { encodeSpans } from "../model/encoded-spans.ts";
import { decodeJsonV2 } from "./json-v2.ts";
import { scanJsonV2 } from "./json-v2-scanner.ts";

const plain = {
  traceId: "48485a3953bb61246b221d5bc9e6496c",
  parentId: "6b221d5bc9e6496c",
  id: "352bff9a74ca9ad2",
  kind: "CLIENT",
  name: "get /api",
  timestamp: 1556604172355737,
  duration: 1431,
  localEndpoint: { serviceName: "backend", ipv4: "192.168.99.1", port: 3306 },
  tags: { "http.method": "GET", "http.path": "/api" },
};

function texts({ bytes, starts, ends }: EncodedSpans): string[] {
  return starts.map((start, i) => bytes.toString("utf8", start, ends[i]));
}

function scanned(body: string | Buffer): string[] | undefined {
  const spans = scanJsonV2(Buffer.from(body));
  return spans === undefined ? undefined : texts(spans);
}

test("what is in order is copied as it is", () => {
  const text = JSON.stringify(plain);
  expect(scanned(`[${text},${text}]`)).toEqual([text, text]);
});

test.each([
  ["white space", ` [ ${JSON.stringify(plain, null, 2)} ] \n`],
  ["another order", JSON.stringify([Object.fromEntries(Object.entries(plain).reverse())])],
  ["upper case", JSON.stringify([{ ...plain, name: "GET", localEndpoint: { serviceName: "A" } }])],
  ["nothing said", JSON.stringify([{ ...plain, kind: null, name: "", tags: {}, duration: 0 }])],
  ["tags out of order", JSON.stringify([{ ...plain, tags: { b: "", a: "é\n", "10": "x" } }])],
  ["annotations", JSON.stringify([{ ...plain, annotations: [{ value: "x", timestamp: 1 }] }])],
  ["a parent that it is itself", JSON.stringify([{ ...plain, parentId: plain.id }])],
  ["no parent in zeros", JSON.stringify([{ ...plain, parentId: "0".repeat(16) }])],
  ["a client that shares", JSON.stringify([{ ...plain, shared: true, debug: true }])],
  ["a server that shares", JSON.stringify([{ ...plain, kind: "SERVER", shared: true }])],
  ["a second endpoint", JSON.stringify([{ ...plain, remoteEndpoint: { ipv6: "::ffff:1.2.3.4" } }])],
])("read here: %s", (_, body) => {
  expect(scanned(body)).toEqual(texts(encodeSpans(decodeJsonV2(Buffer.from(body)))));
});

test.each([
  ["an unknown property", JSON.stringify([{ ...plain, more: 1 }])],
  ["a short id", JSON.stringify([{ ...plain, id: "1" }])],
  [
    "a wide id with nothing on the left",
    JSON.stringify([{ ...plain, traceId: "1".padStart(32, "0") }]),
  ],
  ["a number as text", JSON.stringify([{ ...plain, duration: "1" }])],
  ["a repeated property", `[{"id":"352bff9a74ca9ad2",${JSON.stringify(plain).slice(1)}]`],
  ["text after the list", `[${JSON.stringify(plain)}]x`],
  ["half a list", `[${JSON.stringify(plain)}`],
  ["no list", JSON.stringify(plain)],
  ["bytes that are no UTF-8", Buffer.from(JSON.stringify([{ ...plain, name: "é" }]), "latin1")],
])("left to the other reader: %s", (_, body) => {
  expect(scanned(body)).toBeUndefined();
});

const hex = (length: number) =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)).map((id) => id.padStart(length, "0"));
const text = fc.oneof(
  fc.constantFrom(
    "",
    "get",
    "GET /x",
    "é",
    "ß",
    "İ",
    'a"b',
    "a\\b",
    "\n",
    "\u2028",
    "\ud800",
    "a}b]",
  ),
  fc.string(),
  fc.string({ unit: "binary" }),
);
const odd = fc.oneof(fc.constantFrom(null, true, 1, 1.5, 1e21, "1", [], {}), fc.jsonValue());
const sometimes = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof(
    { weight: 100, arbitrary: arbitrary as fc.Arbitrary<unknown> },
    { weight: 1, arbitrary: odd as fc.Arbitrary<unknown> },
  );
const endpoint = fc.record(
  {
    serviceName: text,
    ipv4: fc.constantFrom("10.0.0.1", "01.2.3.4", "::1", "x", "", "::ffff:1.2.3.4"),
    ipv6: fc.constantFrom("2001:db8::1", "2001:DB8::1", "::ffff:1.2.3.4", ""),
    port: fc.constantFrom(0, 80, 65535, 65536, -1, "80"),
  },
  { requiredKeys: [] },
);
const span = fc
  .record(
    {
      traceId: sometimes(fc.oneof(hex(16), hex(32), hex(20))),
      parentId: sometimes(fc.oneof(hex(16), fc.constant("0".repeat(16)))),
      id: sometimes(fc.oneof({ weight: 9, arbitrary: hex(16) }, { weight: 1, arbitrary: hex(9) })),
      kind: sometimes(fc.constantFrom("CLIENT", "SERVER", "PRODUCER", "CONSUMER")),
      name: sometimes(text),
      timestamp: sometimes(fc.oneof(fc.nat(), fc.maxSafeNat(), fc.double())),
      duration: sometimes(fc.nat()),
      localEndpoint: sometimes(endpoint),
      remoteEndpoint: sometimes(endpoint),
      annotations: sometimes(
        fc.array(fc.record({ timestamp: fc.nat(5), value: text }), { maxLength: 3 }),
      ),
      tags: sometimes(fc.dictionary(text, text, { maxKeys: 4 })),
      debug: sometimes(fc.boolean()),
      shared: sometimes(fc.boolean()),
    },
    { requiredKeys: ["traceId", "id"] },
  )
  .chain((fields) => fc.shuffledSubarray(Object.keys(fields)).map((order) => ({ fields, order })))
  .map(({ fields, order }) => {
    const rest = Object.keys(fields).filter((key) => !order.includes(key));
    const entries = [...order, ...rest].map((key) => [key, fields[key as keyof typeof fields]]);
    return Object.fromEntries(entries) as Record<string, unknown>;
  });

test("whatever is read here is what the other reader makes of it", () => {
  let read = 0;
  const body = fc
    .tuple(fc.array(span, { minLength: 1, maxLength: 3 }), fc.constantFrom(undefined, 1, "\t"))
    .map(([spans, indent]) => JSON.stringify(spans, null, indent));
  fc.assert(
    fc.property(body, (json) => {
      const found = scanned(json);
      if (found === undefined) return;
      read++;
      expect(found).toEqual(texts(encodeSpans(decodeJsonV2(Buffer.from(json)))));
    }),
    { numRuns: 3000 },
  );
  expect(read).toBeGreaterThan(300);
});

test("a changed or cut byte never makes it accept what the other refuses", () => {
  const whole = Buffer.from(JSON.stringify([plain, { ...plain, shared: true, kind: "SERVER" }]));
  const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255), fc.boolean());
  fc.assert(
    fc.property(change, ([at, byte, isCut]) => {
      const body = isCut ? whole.subarray(0, at) : Buffer.from(whole);
      if (!isCut) body[at] = byte;
      const found = scanned(body);
      if (found === undefined) return;
      expect(found).toEqual(texts(encodeSpans(decodeJsonV2(body))));
    }),
    { numRuns: 5000 },
  );
});
