import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { splitLines } from "../terminal/split-lines.ts";
import type { FromUnit, ToUnit } from "./isolated-messages.ts";
import type { UnitPlan } from "./plan.ts";
import type { RunningUnit, UnitAddress, UnitEvents } from "./running-unit.ts";

const child = fileURLToPath(new URL("./isolated-main.ts", import.meta.url));
// A unit that has not ended by then is killed: everything has to be gone within 2 s.
const stopDeadlineMs = 1400;

/** Starts a unit in a process of its own. The process ends with the channel to this one, whatever ended us. */
export async function startIsolatedUnit(plan: UnitPlan, events: UnitEvents): Promise<RunningUnit> {
  const process = fork(child, [], {
    serialization: "advanced",
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  process.stdout?.on("data", splitLines(events.log));
  process.stderr?.on("data", splitLines(events.log));
  const ended = new Promise<string>((resolve) => {
    process.once("exit", (code, signal) =>
      resolve(signal === null ? `ended with status ${code}` : `was ended by ${signal}`),
    );
    process.once("error", (error) => resolve(error.message));
  });
  try {
    const addresses = await untilReady(process, ended, plan, events);
    return { name: plan.name, addresses, ended, close: () => stop(process, ended) };
  } catch (error) {
    await stop(process, ended);
    throw error;
  }
}

function untilReady(
  process: ChildProcess,
  ended: Promise<string>,
  plan: UnitPlan,
  events: UnitEvents,
): Promise<readonly UnitAddress[]> {
  return new Promise((resolve, reject) => {
    process.on("message", (message) => {
      const told = message as FromUnit;
      if (told.kind === "ready") resolve(told.addresses);
      else if (told.kind === "trace") events.trace(told.spans);
      else reject(new Error(told.message));
    });
    void ended.then((how) => reject(new Error(`${plan.name} ${how} while it started`)));
    send(process, { kind: "start", plan });
  });
}

async function stop(process: ChildProcess, ended: Promise<string>): Promise<void> {
  if (process.connected) send(process, { kind: "stop" });
  const timer = setTimeout(() => process.kill("SIGKILL"), stopDeadlineMs);
  await ended;
  clearTimeout(timer);
}

function send(process: ChildProcess, message: ToUnit): void {
  // A channel that broke means the process is gone: `ended` tells it.
  process.send(message, () => {});
}
