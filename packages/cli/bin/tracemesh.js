#!/usr/bin/env node
// Plain JavaScript on purpose: whatever Node starts it, the command itself runs on the Node 24 of the lockfile.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

/** By then all that a start loads has been compiled. */
const CACHE_FLUSH_MS = 2000;

const [major] = process.versions.node.split(".").map(Number);
if (major >= 24) {
  const { enableCompileCache, flushCompileCache } = await import("node:module");
  enableCompileCache?.();
  // Kept as soon as there is something, not at exit alone: who is killed warms nothing for the next start.
  setTimeout(() => flushCompileCache?.(), CACHE_FLUSH_MS).unref();
  const { main } = await import("../src/main.ts");
  await main(process.argv.slice(2));
} else {
  const pinned = fileURLToPath(new URL("../../../node_modules/.bin/node", import.meta.url));
  if (!existsSync(pinned)) {
    process.stderr.write(
      `tracemesh needs Node 24, this is ${process.version}, and ${pinned} is not there: run "npm ci"\n`,
    );
    process.exit(1);
  }
  const child = spawn(pinned, process.argv.slice(1), { stdio: "inherit" });
  child.on("error", (error) => {
    process.stderr.write(`cannot start ${pinned}: ${error.message}\n`);
    process.exit(1);
  });
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  // A terminal gives Ctrl-C to the child as well; without one it has to be handed on.
  process.on("SIGINT", () => {
    if (!process.stdin.isTTY) child.kill("SIGINT");
  });
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
