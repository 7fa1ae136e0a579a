/** TLS, filter chains and the TCP proxy with real Envoy and ours side by side: npm run test:live. */
import { beforeAll, expect, test } from "vitest";
import { ourProxy, realEnvoy } from "../../conformance/envoy/proxies.ts";
import { createPortAllocator } from "../../conformance/envoy/rig/ports.ts";
import {
  runTransport,
  type TransportOutcome,
} from "../../conformance/envoy/transport/run-transport.ts";
import { steps } from "../../conformance/envoy/transport/steps.ts";

let real: TransportOutcome;
let ours: TransportOutcome;
beforeAll(async () => {
  const ports = createPortAllocator(Number(process.env["VITEST_POOL_ID"] ?? 0) + 5);
  real = await runTransport(realEnvoy(), ports);
  ours = await runTransport(ourProxy, ports);
}, 180_000);

test.each(Object.keys(steps))("%s", (name) => {
  expect(ours.answers[name]).toEqual(real.answers[name]);
});

test("handshakes, logs, statistics and the dump", () => {
  const { answers: _ours, ...seen } = ours;
  const { answers: _real, ...expected } = real;
  expect(seen).toEqual(expected);
});
