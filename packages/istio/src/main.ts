import { type Arguments, parseArguments, UsageError, usage } from "./arguments.ts";
import { loadManifests } from "./manifest-files.ts";
import { formatProblem, hasErrors } from "./problem.ts";
import { renderWorkload } from "./render/bootstrap.ts";
import { writeYaml } from "./write-yaml.ts";

export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** Ends `proxy`. */
  readonly signal?: AbortSignal;
}

const processIo: Io = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
};

/** `tracemesh istio`: the status is 0, 1 for manifests with errors, 2 for a wrong command line. */
export async function main(argv: readonly string[], io: Io = processIo): Promise<number> {
  try {
    const parsed = parseArguments(argv);
    if (parsed === "help") {
      io.out(usage);
      return 0;
    }
    return await run(parsed, io);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    io.err(`tracemesh istio: ${message}\n`);
    if (!(error instanceof UsageError)) return 1;
    io.err(`\n${usage}`);
    return 2;
  }
}

async function run(parsed: Arguments, io: Io): Promise<number> {
  switch (parsed.command) {
    case "analyze":
      return runAnalyze(parsed, io);
    case "render":
      return runRender(parsed, io);
    case "proxy": {
      // Only here: the proxy itself is not needed to print a configuration.
      const { runProxy } = await import("./proxy.ts");
      return runProxy(parsed, io);
    }
  }
}

function runAnalyze({ files }: Arguments, io: Io): number {
  const { problems } = loadManifests(files);
  for (const problem of problems) io.out(`${formatProblem(problem)}\n`);
  const count = (severity: string) => problems.filter((item) => item.severity === severity).length;
  io.out(`${count("error")} errors, ${count("warning")} warnings, ${count("info")} hints\n`);
  return hasErrors(problems) ? 1 : 0;
}

function runRender({ files, workload = "", options }: Arguments, io: Io): number {
  const { resources, problems } = loadManifests(files);
  for (const problem of problems) {
    if (problem.severity !== "info") io.err(`${formatProblem(problem)}\n`);
  }
  if (hasErrors(problems)) return 1;
  const { bootstrap } = renderWorkload(resources, workload, options);
  io.out(writeYaml(bootstrap));
  return 0;
}
