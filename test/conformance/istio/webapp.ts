/** A real Flask program with a real py_zipkin 0.20.2, the last that speaks v1 thrift by itself. Installed once, into .cache/. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../.cache/py-zipkin-0.20.2", import.meta.url));
const program = fileURLToPath(new URL("./webapp.py", import.meta.url));
const packages = ["flask==3.1.3", "py_zipkin==0.20.2", "requests"];
const readyTimeoutMs = 20_000;

/** Path of the interpreter. Throws, with what pip said, where it cannot be had. */
export function installPyZipkin(): string {
  const python = `${folder}/bin/python`;
  const done = `${folder}/installed`;
  if (existsSync(done)) return python;
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  run("python3", "-m", "venv", folder);
  run(`${folder}/bin/pip`, "install", "--quiet", "--disable-pip-version-check", ...packages);
  writeFileSync(done, packages.join("\n"));
  return python;
}

export interface WebApp {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts webapp.py and waits until it answers. */
export async function startWebApp(options: {
  readonly port: number;
  readonly gateway: string;
  readonly collector: string;
}): Promise<WebApp> {
  const child = spawn(installPyZipkin(), [program], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      PORT: String(options.port),
      INGRESS_GATEWAY: options.gateway,
      ZIPKIN_V1_ENDPOINT: options.collector,
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const url = `http://127.0.0.1:${options.port}`;
  const deadline = Date.now() + readyTimeoutMs;
  for (;;) {
    const answer = await fetch(`${url}/health`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) break;
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`webapp.py does not answer (exit ${child.exitCode}):\n${output}`);
    }
    await sleep(50);
  }
  return {
    url,
    stop: async () => {
      if (child.exitCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
  };
}
