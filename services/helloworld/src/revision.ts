/** A revision that is scaled between zero and one: its process runs while there are requests, and `idleMs` longer. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface Lease {
  /** Where the process listens. */
  readonly url: string;
  /** This request is what started it. */
  readonly isColdStart: boolean;
  /** The request is over. */
  release(): void;
}

export interface Revision {
  /** Waits for the process where it does not run yet; rejects where it cannot be started. */
  lease(): Promise<Lease>;
  readonly isRunning: boolean;
  stop(): Promise<void>;
}

export interface RevisionOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly idleMs: number;
  readonly log: (line: string) => void;
}

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
}

const script = fileURLToPath(new URL("./user-container.ts", import.meta.url));

export function createRevision({ env, idleMs, log }: RevisionOptions): Revision {
  let running: Promise<Running> | undefined;
  let leases = 0;
  let idleTimer: NodeJS.Timeout | undefined;

  const start = async (): Promise<Running> => {
    log("cold start: starting the revision");
    const child = fork(script, [], {
      env: { ...env },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const ended = once(child, "exit").then(([code, signal]) => {
      throw new Error(`the revision ended with ${code ?? signal} before it listened`);
    });
    const [message] = (await Promise.race([once(child, "message"), ended])) as [{ port: number }];
    // From now on an exit only means that the next request is a cold start.
    ended.catch(() => {});
    return { child, url: `http://127.0.0.1:${message.port}` };
  };

  const startOnce = (): Promise<Running> => {
    const starting = start();
    const forget = () => {
      if (running === starting) running = undefined;
    };
    starting.then(({ child }) => child.once("exit", forget), forget);
    return starting;
  };

  const stop = async () => {
    clearTimeout(idleTimer);
    const stopping = running;
    // At once: a request that comes now must not meet a process that is on its way out.
    running = undefined;
    const current = await stopping?.catch(() => undefined);
    if (!current || current.child.exitCode !== null) return;
    const gone = once(current.child, "exit");
    current.child.kill("SIGTERM");
    await gone;
  };

  const release = () => {
    leases -= 1;
    if (leases > 0) return;
    idleTimer = setTimeout(() => {
      log("idle: scaled to zero");
      void stop();
    }, idleMs);
    idleTimer.unref();
  };

  return {
    lease: async () => {
      clearTimeout(idleTimer);
      leases += 1;
      const isColdStart = running === undefined;
      running ??= startOnce();
      try {
        const { url } = await running;
        return { url, isColdStart, release };
      } catch (error) {
        release();
        throw error;
      }
    },
    get isRunning() {
      return running !== undefined;
    },
    stop,
  };
}
