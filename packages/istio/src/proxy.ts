import { type FSWatcher, readFileSync, watch } from "node:fs";
import { dirname } from "node:path";
import type { Arguments } from "./arguments.ts";
import type { Io } from "./main.ts";
import { expandManifestPaths, loadManifests } from "./manifest-files.ts";
import { formatProblem, hasErrors } from "./problem.ts";
import { renderWorkload } from "./render/bootstrap.ts";
import { writeYaml } from "./write-yaml.ts";

/**
 * A proxy that people watch shows a trace as soon as it is finished: every span is sent at once, where Istio's own waits for
 * five spans or 5 s.
 */
const promptReports = {
  layers: [{ name: "prompt-reports", static_layer: { "tracing.zipkin.min_flush_spans": 1 } }],
};

/** Editors save in several steps; this is how long files have to be still, in ms. */
const settleMs = 100;

export interface ReloadingProxy {
  reload(configYaml: string): Promise<unknown>;
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
      // Warnings are for `analyze`: a mesh has many proxies, and each would repeat them.
      if (problem.severity === "error") io.err(`${formatProblem(problem)}\n`);
    }
    if (hasErrors(problems)) return undefined;
    const { bootstrap } = renderWorkload(resources, workload, options);
    return writeYaml({ ...bootstrap, layered_runtime: promptReports });
  };
  const first = render();
  if (first === undefined) return 1;
  const proxy = await start(first, (line) => io.err(`${line}\n`));
  let current = first;
  let seen = textOf(files);
  const stopWatching = watchManifests(files, async () => {
    try {
      // A folder tells of its other files, too.
      const text = textOf(files);
      if (text === seen) return;
      seen = text;
      const next = render();
      if (next === undefined) {
        io.err("the manifests have errors: the configuration stays as it was\n");
        return;
      }
      if (next === current) return;
      await proxy.reload(next);
      current = next;
      io.err("new configuration in force\n");
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      io.err(`the configuration stays as it was: ${reason}\n`);
    }
  });
  await stopped(io.signal);
  stopWatching();
  await proxy.close();
  return 0;
}

function textOf(paths: readonly string[]): string {
  return expandManifestPaths(paths)
    .map((path) => `${path}\n${readFileSync(path, "utf8")}`)
    .join("\n");
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
  configYaml: string,
  log: (line: string) => void,
): Promise<ReloadingProxy> {
  // Only when a proxy is started: everything else here does without it.
  const { startEnvoy } = await import("@tracemesh/envoy");
  return startEnvoy({ configYaml, log });
}
