import { describe, expect, test } from "vitest";
import { baseUrl, parseHosts, readSettings } from "./settings.ts";

test("defaults", () => {
  expect(readSettings("service1", {})).toEqual({
    port: 0,
    host: "0.0.0.0",
    serviceName: "service1",
    mode: "participate",
    zipkinEndpoint: "http://localhost:9411/api/v2/spans",
    sampleRatio: 1,
    shutdownGraceMs: 1500,
    outboundProxy: undefined,
  });
});

test("everything from the environment", () => {
  const env = {
    PORT: "8081",
    HOST: "127.0.0.1",
    SERVICE_NAME: "first",
    TRACE_MODE: "off",
    ZIPKIN_ENDPOINT: "http://zipkin:9411/api/v2/spans",
    TRACE_SAMPLE_RATIO: "0.5",
    SHUTDOWN_GRACE_MS: "0",
    OUTBOUND_PROXY: "http://127.0.0.1:15001",
  };
  expect(readSettings("service1", env)).toEqual({
    port: 8081,
    host: "127.0.0.1",
    serviceName: "first",
    mode: "off",
    zipkinEndpoint: "http://zipkin:9411/api/v2/spans",
    sampleRatio: 0.5,
    shutdownGraceMs: 0,
    outboundProxy: "http://127.0.0.1:15001",
  });
});

test("every problem is listed with name, value and what is allowed", () => {
  const env = {
    PORT: "99999",
    TRACE_MODE: "on",
    SHUTDOWN_GRACE_MS: "1s",
    OUTBOUND_PROXY: "https://127.0.0.1:15001",
    ZIPKIN_ENDPOINT: "zipkin",
    TRACE_SAMPLE_RATIO: "7",
  };
  expect(() => readSettings("service1", env)).toThrow(
    [
      'PORT "99999" is not a whole number from 0 to 65535',
      'TRACE_MODE "on" is not one of participate, forward, off',
      'SHUTDOWN_GRACE_MS "1s" is not a whole number from 0 to 600000',
      'OUTBOUND_PROXY "https://127.0.0.1:15001" is not an http URL, such as http://127.0.0.1:15001',
      'ZIPKIN_ENDPOINT "zipkin" is not an http or https URL, such as http://localhost:9411/api/v2/spans',
      'TRACE_SAMPLE_RATIO "7" is not a number from 0 to 1',
    ].join("\n"),
  );
});

test.each(["-1", "8081.5", "0x10", " 80", "eighty"])("refuses a port of %j", (port) => {
  expect(() => readSettings("service1", { PORT: port })).toThrow(`PORT "${port}" is not a whole`);
});

describe("TRACEMESH_HOSTS", () => {
  test("names and addresses", () => {
    const hosts = parseHosts("service1=127.0.0.1, Zipkin=::1,");
    expect([...hosts]).toEqual([
      ["service1", "127.0.0.1"],
      ["zipkin", "::1"],
    ]);
    expect(parseHosts(undefined).size).toBe(0);
  });

  test.each(["service1", "service1=localhost", "=127.0.0.1"])("refuses %j", (value) => {
    expect(() => parseHosts(value)).toThrow(/pairs are name=address, such as service1=127.0.0.1/);
  });
});

test("base URLs lose a trailing slash and must be http", () => {
  const url = (value: string): string => baseUrl({ E: value }, "E", "http://localhost:9000");
  expect(url("")).toBe("http://localhost:9000");
  expect(url("http://localhost:19000/")).toBe("http://localhost:19000");
  expect(() => url("localhost:9000")).toThrow(
    'E "localhost:9000" is not an http or https URL, such as http://localhost:9000',
  );
});
