import { describe, expect, test } from "vitest";
import { telemetryConfigFromEnv } from "./config.ts";
import { createTelemetry } from "./create-telemetry.ts";

describe("environment", () => {
  test("our names win over OTel's", () => {
    const env = {
      SERVICE_NAME: "a",
      OTEL_SERVICE_NAME: "b",
      OTEL_EXPORTER_ZIPKIN_ENDPOINT: "http://zipkin:9411/api/v2/spans",
      TRACE_SAMPLE_RATIO: "0.25",
    };
    expect(telemetryConfigFromEnv(env)).toEqual({
      serviceName: "a",
      endpoint: "http://zipkin:9411/api/v2/spans",
      samplerRatio: 0.25,
    });
  });

  test("empty values are not set", () => {
    expect(telemetryConfigFromEnv({ SERVICE_NAME: "", ZIPKIN_ENDPOINT: "" })).toEqual({});
  });

  test("every problem is listed with name, value and what is allowed", () => {
    const env = { ZIPKIN_ENDPOINT: "zipkin:9411", TRACE_SAMPLE_RATIO: "50%" };
    expect(() => telemetryConfigFromEnv(env)).toThrow(
      'ZIPKIN_ENDPOINT "zipkin:9411" is not an http or https URL, such as http://localhost:9411/api/v2/spans\n' +
        'TRACE_SAMPLE_RATIO "50%" is not a number from 0 to 1',
    );
  });

  test.each(["-0.1", "1.1", "NaN", " ", "one"])("refuses a ratio of %j", (ratio) => {
    expect(() => telemetryConfigFromEnv({ TRACE_SAMPLE_RATIO: ratio })).toThrow(/from 0 to 1/);
  });
});

test("a config object is checked, too", () => {
  expect(() => createTelemetry({ serviceName: " ", samplerRatio: 2 })).toThrow(
    'serviceName is empty: a name is needed\nsamplerRatio "2" is not a number from 0 to 1',
  );
});
