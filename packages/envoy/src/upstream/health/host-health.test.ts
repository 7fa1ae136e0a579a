import { expect, test } from "vitest";
import type { HealthCheck } from "../../config/health-check.ts";
import type { ActiveHealth } from "../host.ts";
import { HostHealth, type Transition } from "./host-health.ts";
import type { ProbeResult } from "./probe.ts";

const results = {
  ok: { kind: "healthy", degraded: false },
  degraded: { kind: "healthy", degraded: true },
  bad: { kind: "unhealthy", retriable: false },
  "bad luck": { kind: "unhealthy", retriable: true },
  reset: { kind: "network failure", timedOut: false },
  timeout: { kind: "network failure", timedOut: true },
} as const satisfies Record<string, ProbeResult>;

type Answer = keyof typeof results;

const config: HealthCheck = {
  timeoutMs: 100,
  intervalMs: 1000,
  unhealthyThreshold: 3,
  healthyThreshold: 2,
  unhealthyIntervalMs: 2000,
  unhealthyEdgeIntervalMs: 2500,
  healthyEdgeIntervalMs: 500,
  noTrafficIntervalMs: 9000,
  noTrafficHealthyIntervalMs: 8000,
};

function run(answers: readonly Answer[]): {
  health: ActiveHealth;
  transitions: Transition[];
  state: HostHealth;
} {
  const health: ActiveHealth = { failed: false, timedOut: false, degraded: false };
  const state = new HostHealth(config, health);
  const transitions = answers.map((answer) => state.note(results[answer]));
  return { health, transitions, state };
}

test("nobody is healthy before the first answer", () => {
  expect(run([]).health.failed).toBe(true);
});

test.each<[Answer[], boolean, Transition[]]>([
  [["ok"], false, ["changed"]],
  [["bad"], true, ["unchanged"]],
  [["bad", "ok"], true, ["unchanged", "pending"]],
  [["bad", "ok", "ok"], false, ["unchanged", "pending", "changed"]],
  [["bad", "ok", "bad", "ok"], true, ["unchanged", "pending", "unchanged", "pending"]],
  [["ok", "bad"], true, ["changed", "changed"]],
  [["ok", "reset", "reset"], false, ["changed", "pending", "pending"]],
  [["ok", "reset", "timeout", "reset"], true, ["changed", "pending", "pending", "changed"]],
  [
    ["ok", "bad luck", "bad luck", "ok", "bad luck"],
    false,
    ["changed", "pending", "pending", "unchanged", "pending"],
  ],
])("%j: failed is %s", (answers, failed, transitions) => {
  const outcome = run(answers);
  expect(outcome.health.failed).toBe(failed);
  expect(outcome.transitions).toEqual(transitions);
});

test("a timeout is remembered until the next answer", () => {
  expect(run(["timeout"]).health.timedOut).toBe(true);
  expect(run(["timeout", "reset"]).health.timedOut).toBe(false);
  expect(run(["timeout", "ok", "ok"]).health).toEqual({
    failed: false,
    timedOut: false,
    degraded: false,
  });
});

test("degraded is a change, back and forth", () => {
  expect(run(["ok", "degraded", "degraded", "ok"]).transitions).toEqual([
    "changed",
    "changed",
    "unchanged",
    "changed",
  ]);
});

test("intervals by health, by change and by traffic", () => {
  const { state } = run(["ok"]);
  expect(state.nextIntervalMs("unchanged", true)).toBe(1000);
  expect(state.nextIntervalMs("pending", true)).toBe(500);
  expect(state.nextIntervalMs("unchanged", false)).toBe(8000);
  const failing = run(["bad"]).state;
  expect(failing.nextIntervalMs("unchanged", true)).toBe(2000);
  expect(failing.nextIntervalMs("changed", true)).toBe(2500);
  expect(failing.nextIntervalMs("unchanged", false)).toBe(9000);
});
