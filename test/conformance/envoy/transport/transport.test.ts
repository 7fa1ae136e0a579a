/**
 * TLS, filter chains and the TCP proxy as real Envoy 1.40.0 has them: recorded.json, made by record.ts, against ours. PROXY=real runs the real
 * binary instead.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { ourProxy, realEnvoy } from "../proxies.ts";
import { createPortAllocator } from "../rig/ports.ts";
import recorded from "./cases/recorded.json" with { type: "json" };
import { runTransport, type TransportOutcome } from "./run-transport.ts";
import { steps } from "./steps.ts";

const command = process.env["PROXY"] === "real" ? realEnvoy() : ourProxy;
const answers: Readonly<Record<string, unknown>> = recorded.answers;
const logs: Readonly<Record<string, readonly string[]>> = recorded.logs;

let outcome: TransportOutcome;
beforeAll(async () => {
  const ports = createPortAllocator(Number(process.env["VITEST_POOL_ID"] ?? 0) + 3);
  outcome = await runTransport(command, ports);
}, 120_000);

test("every step has its recording", () => {
  expect(Object.keys(answers)).toEqual(Object.keys(steps));
});

describe("answers as real Envoy 1.40.0", () => {
  test.each(Object.keys(steps))("%s", (name) => {
    expect(outcome.answers[name]).toEqual(answers[name]);
  });
});

describe("access logs as real Envoy 1.40.0", () => {
  test.each(Object.keys(logs))("of %s", (name) => {
    expect(outcome.logs[name]).toEqual(logs[name]);
  });
});

test("SNI and ALPN towards upstreams as real Envoy 1.40.0", () => {
  expect(outcome.handshakes).toEqual(recorded.handshakes);
});

test("statistics as real Envoy 1.40.0", () => {
  expect(outcome.stats).toEqual(recorded.stats);
});

test("no key in /config_dump", () => {
  expect(outcome.redacted).toEqual(recorded.redacted);
});
