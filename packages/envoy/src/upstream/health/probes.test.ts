import { expect, test } from "vitest";
import { HeaderMap } from "../../http/header-map.ts";
import { grpcExchange, readServingStatus } from "./grpc-probe.ts";
import { httpExchange } from "./http-probe.ts";
import { containsInOrder } from "./tcp-probe.ts";

const none = {
  requestHeadersToAdd: [],
  requestHeadersToRemove: [],
  expectedStatuses: [],
  retriableStatuses: [],
};

function statusOf(status: number, more: object = {}, ...lines: string[]): unknown {
  const exchange = httpExchange({ path: "/", ...none, ...more }, "service");
  const headers = new HeaderMap([":status", String(status), ...lines]);
  return exchange.judge({ headers, body: Buffer.alloc(0), trailers: undefined });
}

const healthy = { kind: "healthy", degraded: false };
const unhealthy = { kind: "unhealthy", retriable: false };

test("an HTTP check passes with 200 alone, or with what is expected instead", () => {
  expect(statusOf(200)).toEqual(healthy);
  expect(statusOf(204)).toEqual(unhealthy);
  const expectedStatuses = [{ start: 201, end: 205 }];
  expect(statusOf(204, { expectedStatuses })).toEqual(healthy);
  expect(statusOf(205, { expectedStatuses })).toEqual(unhealthy);
  expect(statusOf(200, { expectedStatuses })).toEqual(unhealthy);
});

test("a retriable status may be bad luck", () => {
  const retriableStatuses = [{ start: 503, end: 504 }];
  expect(statusOf(503, { retriableStatuses })).toEqual({ kind: "unhealthy", retriable: true });
  expect(statusOf(500, { retriableStatuses })).toEqual(unhealthy);
});

test("x-envoy-degraded and the name of the service are read", () => {
  expect(statusOf(200, {}, "x-envoy-degraded", "true")).toEqual({
    kind: "healthy",
    degraded: true,
  });
  const serviceNameMatcher = { prefix: "shop", ignoreCase: false };
  const name = "x-envoy-upstream-healthchecked-cluster";
  expect(statusOf(200, { serviceNameMatcher }, name, "shop-1")).toEqual(healthy);
  expect(statusOf(200, { serviceNameMatcher }, name, "till")).toEqual(unhealthy);
  expect(statusOf(200, { serviceNameMatcher })).toEqual(unhealthy);
});

test.each([
  ["serving", "0000000002" + "0801", 1],
  ["not serving", "0000000002" + "0802", 2],
  ["an empty message", "0000000000", 0],
  ["a compressed one", "0100000002" + "0801", undefined],
  ["one cut short", "0000000003" + "0801", undefined],
  ["another message", "0000000002" + "1001", undefined],
  ["nothing", "", undefined],
])("a gRPC answer: %s", (_name, hex, status) => {
  expect(readServingStatus(Buffer.from(hex, "hex"))).toBe(status);
});

test("a gRPC check needs grpc-status 0 as well", () => {
  const { judge, body } = grpcExchange({ serviceName: "a", initialMetadata: [] }, "service", 500);
  expect(body?.toString("hex")).toBe("00000000030a0161");
  const headers = new HeaderMap([":status", "200"]);
  const serving = Buffer.from("00000000020801", "hex");
  const withStatus = (status: string): unknown =>
    judge({ headers, body: serving, trailers: new HeaderMap(["grpc-status", status]) });
  expect(withStatus("0")).toEqual(healthy);
  expect(withStatus("14")).toEqual(unhealthy);
});

test("payloads are found one after another", () => {
  const answer = Buffer.from("HTTP/1.1 200 OK");
  const parts = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text));
  expect(containsInOrder(answer, parts("200", "OK"))).toBe(true);
  expect(containsInOrder(answer, parts("OK", "200"))).toBe(false);
  expect(containsInOrder(answer, parts("20", "00"))).toBe(false);
});
