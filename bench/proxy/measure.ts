/** One contender under load, pinned to a core of its own; the load and the upstream share another. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Contender } from "./contender.ts";

export interface Measurement {
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** CPU time of the proxy, microseconds per request. */
  readonly cpuMicros: number | undefined;
  /** Resident memory of the proxy at the end, MiB. */
  readonly memory: number | undefined;
  /** Answers outside 2xx and failed connections. */
  readonly errors: number;
}

export interface Load {
  readonly seconds: number;
  readonly connections: number;
  readonly proxyCore: number;
  readonly loadCore: number;
}

const run = promisify(execFile);
/** Clock ticks per second of /proc/PID/stat, as on every Linux that Node runs on. */
const ticksPerSecond = 100;

export async function measure(
  contender: Contender,
  port: number,
  upstream: number,
  load: Load,
): Promise<Measurement> {
  const { command } = contender;
  if (!command) return wrk(upstream, load, load.seconds);
  const child = spawn("taskset", ["-c", String(load.proxyCore), ...command], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  try {
    await listening(port);
    // Just-in-time compilers want some work before they show what they can do.
    await wrk(port, load, 2);
    const before = cpuSeconds(child.pid);
    const result = await wrk(port, load, load.seconds);
    const cpu = cpuSeconds(child.pid) - before;
    return {
      ...result,
      cpuMicros: (cpu * 1e6) / (result.requestsPerSecond * load.seconds),
      memory: residentMiB(child.pid),
    };
  } finally {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
}

async function wrk(port: number, load: Load, seconds: number): Promise<Measurement> {
  const { stdout } = await run("taskset", [
    "-c", String(load.loadCore), "wrk", "-t1", `-c${load.connections}`, `-d${seconds}s`, "--latency", `http://127.0.0.1:${port}/`,
  ]); // biome-ignore format: one command line
  const [, socketErrors = ""] = /Socket errors: (.*)/.exec(stdout) ?? [];
  const failed = [...socketErrors.matchAll(/\d+/g)].reduce(
    (sum, [count]) => sum + Number(count),
    0,
  );
  return {
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p50: milliseconds(/^\s+50%\s+(\S+)/m.exec(stdout)?.[1]),
    p99: milliseconds(/^\s+99%\s+(\S+)/m.exec(stdout)?.[1]),
    cpuMicros: undefined,
    memory: undefined,
    errors: failed + Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0),
  };
}

function milliseconds(text = ""): number {
  const factor = text.endsWith("us") ? 1e-3 : text.endsWith("ms") ? 1 : 1e3;
  return Number.parseFloat(text) * factor;
}

/** `taskset` replaces itself by the command, so its pid is the proxy's. */
function cpuSeconds(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function residentMiB(pid: number | undefined): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

export async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    const socket = net.connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch {
      // Not yet.
      await sleep(25);
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`nothing listens on ${port}`);
}
