import type { FromUnit, ToUnit } from "./isolated-messages.ts";
import type { RunningUnit } from "./running-unit.ts";
import { startUnit } from "./start-unit.ts";

// The process of one unit, started by startIsolatedUnit. Ctrl-C reaches it with its parent, which then says stop.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => stop());
process.on("disconnect", () => stop());
process.on("message", (message) => {
  const told = message as ToUnit;
  if (told.kind === "stop") stop();
  else void start(told);
});

// Below the parent's own deadline, so that this process ends by itself.
const closeDeadlineMs = 1200;

let unit: RunningUnit | undefined;
let stopping = false;

async function start({ plan }: Extract<ToUnit, { kind: "start" }>): Promise<void> {
  try {
    unit = await startUnit(plan, {
      log: (line) => process.stdout.write(`${line}\n`),
      trace: (spans) => tell({ kind: "trace", spans }),
    });
    tell({ kind: "ready", addresses: unit.addresses });
  } catch (error) {
    tell({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}

function stop(): void {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(1), closeDeadlineMs);
  const closed = unit?.close() ?? Promise.resolve();
  closed.then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
}

function tell(message: FromUnit): void {
  // Nobody listens once the parent is gone; "disconnect" stops us then.
  if (process.connected) process.send?.(message, () => {});
}
