import { type FSWatcher, mkdtempSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Arguments } from "./arguments.ts";
import type { Io } from "./main.ts";
import { loadManifests } from "./manifest-files.ts";
import { formatProblem, hasErrors } from "./problem.ts";
import { renderWorkload } from "./render/bootstrap.ts";
import { writeYaml } from "./write-yaml.ts";

/** Editors save in several steps; this is how long files have to be still, in ms. */
const settleMs = 100;

export interface ReloadingProxy {
  /** Takes the configuration in the file it was started with. */
  reload(): Promise<unknown>;
  close(): Promise<void>;
}

export type StartProxy = (
  configPath: string,
  log: (line: string) => void,
) => Promise<ReloadingProxy>;

/** Renders, runs the proxy, and renders again whenever a manifest changes. A broken edit leaves the proxy as it is. */
export async function runProxy(
  { files, workload = "", options }: Arguments,
  io: Io,
  start: StartProxy = startEnvoyProxy,
): Promise<number> {
  const render = (): string | undefined => {
    const { resources, problems } = loadManifests(files);
    for (const problem of problems) {
      if (problem.severity !== "info") io.err(`${formatProblem(problem)}\n`);
    }
    if (hasErrors(problems)) return undefined;
    const { bootstrap } = renderWorkload(resources, workload, options);
    return writeYaml(bootstrap);
  };
  const first = render();
  if (first === undefined) return 1;
  const folder = mkdtempSync(join(tmpdir(), "tracemesh-istio-"));
  const configPath = join(folder, `${workload.replaceAll("/", "-")}.yaml`);
  writeFileSync(configPath, first);
  try {
    const proxy = await start(configPath, (line) => io.err(`${line}\n`));
    let current = first;
    const stopWatching = watchManifests(files, async () => {
      try {
        const next = render();
        if (next === undefined) {
          io.err("the manifests have errors: the configuration stays as it was\n");
          return;
        }
        if (next === current) return;
        writeFileSync(configPath, next);
        await proxy.reload();
        current = next;
        io.err("new configuration in force\n");
      } catch (error) {
        writeFileSync(configPath, current);
        const reason = error instanceof Error ? error.message : String(error);
        io.err(`the configuration stays as it was: ${reason}\n`);
      }
    });
    await stopped(io.signal);
    stopWatching();
    await proxy.close();
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Watches folders, not files: editors replace a file rather than write into it. */
function watchManifests(paths: readonly string[], changed: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout | undefined;
  let last = Promise.resolve();
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      last = last.then(changed);
    }, settleMs);
  };
  const folders = new Set(paths.flatMap((path) => [path, dirname(path)]));
  const watchers: FSWatcher[] = [...folders].map((path) => watch(path, later));
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}

function stopped(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal === undefined) {
      for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => resolve());
    } else if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function startEnvoyProxy(
  configPath: string,
  log: (line: string) => void,
): Promise<ReloadingProxy> {
  // Typed here by what is used of it.
  const module: unknown = await import("@tracemesh/envoy");
  const { startEnvoy } = module as {
    startEnvoy(options: {
      configPath: string;
      log: (line: string) => void;
    }): Promise<ReloadingProxy>;
  };
  return startEnvoy({ configPath, log });
}
