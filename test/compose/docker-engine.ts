/** A Docker engine with Compose, and the base images. */
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

export const root: string = fileURLToPath(new URL("../..", import.meta.url));
// Beside the repository on machines that have no engine or no image registry.
const tools = join(root, "../shared/bin");

/** Makes sure that Docker answers; fails with what is missing, so that no check is passed over silently. */
export async function ensureDocker(images: readonly string[] = []): Promise<void> {
  if (existsSync(tools)) {
    // Both return at once where there is nothing to do.
    await runLoud(join(tools, "docker-up"), []);
    await runLoud(join(tools, "images"), []);
    if (images.length > 0) await runLoud(join(tools, "images"), images);
    return;
  }
  await run("docker", ["info"]).catch((cause: unknown) => {
    throw new Error(`Docker is needed: no engine answers and ${tools} is not there`, { cause });
  });
  await run("docker", ["compose", "version"]).catch((cause: unknown) => {
    throw new Error("the plugin `docker compose` is needed", { cause });
  });
}

/** Runs a command and keeps the end of its output for the error. */
export function runLoud(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-20_000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output}`));
    });
  });
}
