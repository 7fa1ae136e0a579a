/** A proxy with the file that it was started on. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ProxyCommand, type ProxyProcess, startProxy } from "./proxy-process.ts";

export interface ConfiguredProxyOptions {
  /** Loopback ports to wait for. */
  readonly ports: readonly number[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Milliseconds. Machines are busy. */
const startTimeout = 30_000;

/** Resolves once it listens. `configuration`: a tree, or YAML as it is; the file goes when the process has gone. */
export async function startConfigured(
  command: ProxyCommand,
  configuration: object | string,
  { ports, args = [], env }: ConfiguredProxyOptions,
): Promise<ProxyProcess> {
  const folder = mkdtempSync(join(tmpdir(), "tracemesh-envoy-"));
  const path = join(folder, "envoy.yaml");
  const text = typeof configuration === "string" ? configuration : JSON.stringify(configuration);
  writeFileSync(path, text);
  const proxy = startProxy(command(path, args), env);
  void proxy.gone.then(() => rmSync(folder, { recursive: true, force: true }));
  try {
    for (const port of ports) await proxy.listening(port, startTimeout);
  } catch (error) {
    await proxy.stop(0);
    throw error;
  }
  return proxy;
}

/** Lines of /stats with the text in their name. */
export async function readStats(admin: number, text: string): Promise<readonly string[]> {
  const response = await fetch(`http://127.0.0.1:${admin}/stats`);
  return (await response.text()).split("\n").filter((line) => line.includes(text));
}
