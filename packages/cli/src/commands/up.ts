import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { type RunningMesh, startMesh } from "../mesh/mesh.ts";
import { drawAddresses } from "../terminal/address-table.ts";
import { createLogPrefix } from "../terminal/log-prefix.ts";
import { createOutput } from "../terminal/output.ts";
import { createStyles, type Styles, wantsColours } from "../terminal/styles.ts";
import { drawTrace } from "../terminal/trace-tree.ts";

export interface UpOptions {
  readonly file?: string;
  readonly profile: readonly string[];
  readonly portOffset: number;
  /** Manifests that the proxies of `tracemesh istio proxy` read after their own. */
  readonly routes: readonly string[];
  readonly isolate?: boolean;
  /** False with --no-traces. */
  readonly traces: boolean;
}

const fileNames = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
// Everything is gone within 2 s of Ctrl-C, whatever a connection still waits for.
const stopDeadlineMs = 1800;
// A launcher that hands the terminal's signal on gives the same Ctrl-C twice.
const sameSignalMs = 300;

/** `tracemesh up`: runs the compose file here until it is told to stop. Returns the exit status. */
export async function up(services: readonly string[], options: UpOptions): Promise<number> {
  const startedAt = process.uptime();
  const styles = createStyles(wantsColours(process.env, process.stdout.isTTY));
  const print = createOutput(process.stdout);
  const prefix = createLogPrefix(styles);
  const file = options.file ?? findComposeFile(process.cwd());
  const stop = listenForStop();
  const profiles = [
    ...options.profile,
    ...(process.env["COMPOSE_PROFILES"] ?? "").split(",").filter((name) => name !== ""),
  ];
  let remaining = 0;
  const starting = startMesh({
    file,
    services,
    profiles,
    portOffset: options.portOffset,
    isolate: options.isolate ?? false,
    env: withRoutes(process.env, options.routes),
    log: (service, line) => print(prefix(service, line)),
    onTrace: (spans) => {
      if (options.traces) print(["", ...drawTrace(spans, styles)]);
    },
    onEnded: (service, how) => {
      if (stop.requested) return;
      remaining -= 1;
      print([styles.error(`${service} ${how}`)]);
      if (remaining === 0) stop.request(1);
    },
  });
  const mesh = await Promise.race([starting, stop.promise]);
  if (typeof mesh === "number") {
    // Stopped while it started: let what is half up come up, then close it, within the same time.
    return closeInTime(() => starting.then((late) => late.close()), mesh);
  }
  remaining = mesh.units.length;
  print(greeting(mesh, relative(".", file), process.uptime() - startedAt, styles));
  const status = await stop.promise;
  print(["", "stopping"]);
  return closeInTime(() => mesh.close(), status);
}

/** The compose file names its manifests and then $ROUTES. Paths given here are relative to where the user is. */
function withRoutes(env: NodeJS.ProcessEnv, routes: readonly string[]): NodeJS.ProcessEnv {
  if (routes.length === 0) return env;
  const missing = routes.find((file) => !existsSync(file));
  if (missing !== undefined) {
    throw new Error(`--routes "${missing}": no such file or folder; a manifest is expected`);
  }
  const words = routes.map((file) => `"${resolve(file).replace(/["\\$`]/g, "\\$&")}"`);
  return { ...env, ROUTES: words.join(" ") };
}

/** The compose file of this folder, or of the nearest one above that has any. */
export function findComposeFile(directory: string): string {
  for (let at = resolve(directory); ; at = dirname(at)) {
    const found = fileNames.map((name) => join(at, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
    if (dirname(at) === at) {
      throw new Error(
        `no compose file (${fileNames.join(", ")}) in ${directory} or above; name one with --file`,
      );
    }
  }
}

function greeting(
  mesh: RunningMesh,
  file: string,
  seconds: number,
  styles: Styles,
): readonly string[] {
  const { units, tryThis } = mesh;
  return [
    "",
    styles.bold(
      `${units.length} ${units.length === 1 ? "service" : "services"} of ${file} ready after ${seconds.toFixed(1)} s`,
    ),
    ...drawAddresses(units, styles),
    "",
    ...tryThis.map((command) => `Try this:  ${styles.bold(command)}`),
    styles.dim("Each finished trace is drawn below. Ctrl-C stops everything."),
  ];
}

interface StopRequest {
  readonly promise: Promise<number>;
  readonly requested: boolean;
  request(status: number): void;
}

/** The first SIGINT, SIGTERM or SIGHUP asks to stop; a second one ends the process at once. */
function listenForStop(): StopRequest {
  const { promise, resolve: settle } = Promise.withResolvers<number>();
  let requestedAt: number | undefined;
  const request = (status: number): void => {
    requestedAt ??= performance.now();
    settle(status);
  };
  for (const [signal, status] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    process.on(signal, () => {
      if (requestedAt !== undefined && performance.now() - requestedAt > sameSignalMs) {
        process.exit(status);
      }
      request(0);
    });
  }
  return {
    promise,
    get requested() {
      return requestedAt !== undefined;
    },
    request,
  };
}

/** Exit status 0 after a clean stop, so that npm has nothing to complain about. */
async function closeInTime(close: () => Promise<void>, status: number): Promise<number> {
  const late = Promise.withResolvers<number>();
  const timer = setTimeout(() => late.resolve(status === 0 ? 130 : status), stopDeadlineMs);
  const closed = close().then(
    () => status,
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      return 1;
    },
  );
  const result = await Promise.race([closed, late.promise]);
  clearTimeout(timer);
  return result;
}
