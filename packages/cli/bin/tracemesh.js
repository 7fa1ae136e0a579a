#!/usr/bin/env node
// Plain JavaScript on purpose: whatever Node starts it, the command itself runs on the Node 24 of the lockfile.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [major] = process.versions.node.split(".").map(Number);
if (major >= 24) {
  const { enableCompileCache } = await import("node:module");
  enableCompileCache?.();
  await import("../src/main.ts");
} else {
  const pinned = fileURLToPath(new URL("../../../node_modules/.bin/node", import.meta.url));
  if (!existsSync(pinned)) {
    process.stderr.write(
      `tracemesh needs Node 24, this is ${process.version}, and ${pinned} is not there: run "npm ci"\n`,
    );
    process.exit(1);
  }
  const child = spawn(pinned, process.argv.slice(1), { stdio: "inherit" });
  // Ctrl-C reaches the whole process group; a signal sent to this process alone is handed on.
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  process.on("SIGINT", () => {});
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
}
