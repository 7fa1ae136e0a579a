import { createNoopTelemetry } from "@tracemesh/telemetry";
import type { ServiceParts } from "./service.ts";

/** Parts for tests of an app: nothing leaves the process, and a call nobody expected fails. */
export function fakeParts(overrides: Partial<ServiceParts> = {}): ServiceParts {
  return {
    env: {},
    serviceName: "test",
    mode: "participate",
    telemetry: createNoopTelemetry("test"),
    fetch: (input) => Promise.reject(new Error(`unexpected call to ${String(input)}`)),
    log: () => {},
    onStop: () => {},
    ...overrides,
  };
}
