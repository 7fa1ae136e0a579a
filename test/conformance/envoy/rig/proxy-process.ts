/** The proxy under test, as the process that its users start. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Turns a configuration file and a case's own arguments into a command line. */
export type ProxyCommand = (configPath: string, args: readonly string[]) => readonly string[];

export interface ProxyProcess {
  readonly stdout: string;
  readonly stderr: string;
  readonly pid: number | undefined;
  /** Exit status, or the signal that ended it; undefined while it runs. */
  readonly exit: number | string | undefined;
  /** Resolves once it has exited; never rejects. */
  readonly gone: Promise<void>;
  /** Waits until it exits, at most that long. */
  exited(timeoutMs: number): Promise<void>;
  /** Waits until it accepts connections there; throws with its stderr where it does not come up. */
  listening(port: number, timeoutMs: number): Promise<void>;
  /** SIGTERM, then SIGKILL for a process that stays. */
  stop(graceMs: number): Promise<void>;
}

export function startProxy(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ProxyProcess {
  const [command = "", ...args] = words;
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const output = { stdout: "", stderr: "" };
  let exit: number | string | undefined;
  child.stdout?.on("data", (chunk) => {
    output.stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    output.stderr += chunk;
  });
  const gone = exitOf(child).then((status) => {
    exit = status;
  });
  const waitForExit = (ms: number) => Promise.race([gone, sleep(ms, undefined, { ref: false })]);
  return {
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    pid: child.pid,
    get exit() {
      return exit;
    },
    gone,
    exited: waitForExit,
    listening: async (port, timeoutMs) => {
      const deadline = Date.now() + timeoutMs;
      while (!(await accepts(port))) {
        if (exit !== undefined || Date.now() > deadline) {
          throw new Error(
            `${command} does not listen on ${port} (exit ${exit}): ${output.stderr.slice(-3000)}`,
          );
        }
        await sleep(20);
      }
    },
    stop: async (graceMs) => {
      child.kill("SIGTERM");
      await waitForExit(graceMs);
      if (exit === undefined) child.kill("SIGKILL");
      await gone;
    },
  };
}

function exitOf(child: ChildProcess): Promise<number | string> {
  return Promise.race([
    once(child, "close").then(([code, signal]) => (code ?? signal) as number | string),
    once(child, "error").then(([error]) => `not started: ${(error as Error).message}`),
  ]).catch((error: Error) => `not started: ${error.message}`);
}

async function accepts(port: number): Promise<boolean> {
  const socket = net.connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    // Refused: not listening yet.
    return false;
  } finally {
    socket.destroy();
  }
}
