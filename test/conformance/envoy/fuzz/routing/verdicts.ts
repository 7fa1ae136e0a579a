/** `--mode validate` of both on the same file. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { ConfigError, validateEnvoy } from "@tracemesh/envoy";
import type { ProxyCommand } from "../../rig/proxy-process.ts";

export interface Verdict {
  readonly accepts: boolean;
  /** Why not. */
  readonly words: string;
  /** Refused as something that Envoy knows and ours does not. */
  readonly unsupported: boolean;
}

/** Milliseconds. */
const validationTimeout = 20_000;

export function verdictOfEnvoy(command: ProxyCommand, path: string): Promise<Verdict> {
  const [program = "", ...args] = command(path, ["--mode", "validate"]);
  const options = { timeout: validationTimeout, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, _stdout, stderr) => {
      resolve({ accepts: error === null, words: lastWords(stderr), unsupported: false });
    });
  });
}

export async function verdictOfOurs(configPath: string): Promise<Verdict> {
  try {
    await validateEnvoy({ configPath, log: () => {} });
    return { accepts: true, words: "", unsupported: false };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const isKnown = error instanceof ConfigError;
    return { accepts: false, words, unsupported: isKnown && words.includes("not supported here") };
  }
}

export function writeConfiguration(path: string, yaml: string): void {
  writeFileSync(path, yaml.replace(/\{\{[A-Z_]+\}\}/g, "10000"));
}

/** A verdict in both ways, except that ours may refuse what it does not support. */
export function disagree(real: Verdict, ours: Verdict): boolean {
  return real.accepts !== ours.accepts && !ours.unsupported;
}

function lastWords(stderr: string): string {
  return stderr.slice(-600);
}
