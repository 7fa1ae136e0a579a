import { expect, test } from "vitest";
import { encodeV1Json, encodeV1Thrift } from "./encode.ts";
import type { V1Span } from "./span.ts";

const endpoint = { serviceName: "external-proxy", ipv4: "127.0.0.1", port: 5000 };
const span: V1Span = {
  traceId: "463ac35c9f6413ad48485a3953bb6124",
  id: "a2fb4a1d1a96d312",
  parentId: "0020000000000001",
  name: "external-proxy/inbound",
  timestamp: 1_700_000_000_000_000,
  duration: 250_000,
  annotations: [{ timestamp: 1_700_000_000_000_000, value: "sr", endpoint }],
  binaryAnnotations: [
    { key: "http.path", value: "/", endpoint },
    { key: "ca", value: true, endpoint: { serviceName: "" } },
  ],
};

// Written by hand from zipkinCore.thrift and the TBinaryProtocol specification.
const host = (id: string) =>
  `0c${id}` +
  "080001" +
  "7f000001" +
  "060002" +
  "1388" +
  "0b0003" +
  "0000000e" +
  text("external-proxy") +
  "00";
const text = (value: string) => Buffer.from(value).toString("hex");

test("thrift: a span is the struct of zipkinCore.thrift, field by field", () => {
  expect(encodeV1Thrift([span]).toString("hex")).toBe(
    "0c00000001" +
      "0a0001" +
      "48485a3953bb6124" +
      "0b0003" +
      "00000016" +
      text("external-proxy/inbound") +
      "0a0004" +
      "a2fb4a1d1a96d312" +
      "0a0005" +
      "0020000000000001" +
      "0f0006" +
      "0c00000001" +
      "0a0001" +
      "00060a24181e4000" +
      "0b0002" +
      "00000002" +
      text("sr") +
      host("0003") +
      "00" +
      "0f0008" +
      "0c00000002" +
      "0b0001" +
      "00000009" +
      text("http.path") +
      "0b0002" +
      "00000001" +
      text("/") +
      "080003" +
      "00000006" +
      host("0004") +
      "00" +
      "0b0001" +
      "00000002" +
      text("ca") +
      "0b0002" +
      "00000001" +
      "01" +
      "080003" +
      "00000000" +
      "0c0004" +
      "080001" +
      "00000000" +
      "060002" +
      "0000" +
      "0b0003" +
      "00000000" +
      "00" +
      "00" +
      "0a000a" +
      "00060a24181e4000" +
      "0a000b" +
      "000000000003d090" +
      "0a000c" +
      "463ac35c9f6413ad" +
      "00",
  );
});

test("thrift: a 64-bit trace id has no high half, a root no parent", () => {
  const { parentId: _, ...root } = {
    ...span,
    traceId: "48485a3953bb6124",
    annotations: [],
    binaryAnnotations: [],
  };
  const bytes = encodeV1Thrift([root]).toString("hex");
  expect(bytes).not.toContain("0a000c");
  expect(bytes).not.toContain("0a0005");
});

test("thrift: a list longer than the first buffer", () => {
  const many = Array.from({ length: 100 }, () => span);
  const one = encodeV1Thrift([span]).length - 5;
  expect(encodeV1Thrift(many)).toHaveLength(5 + 100 * one);
});

test("json: the list as it stands in the v1 model", () => {
  expect(JSON.parse(encodeV1Json([span]).toString())).toEqual([span]);
});
