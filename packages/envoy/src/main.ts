/** The `tracemesh envoy` command: Envoy's flags, output and exit status. */
import { createWriteStream } from "node:fs";
import { pathToFileURL } from "node:url";
import { formatProblem } from "./config/problem.ts";
import { type LogLine, log, parseLogLine } from "./log-line.ts";
import { type Options, parseOptions } from "./options.ts";
import {
  ConfigError,
  type EnvoyOptions,
  type RunningEnvoy,
  startEnvoy,
  validateEnvoy,
} from "./start-envoy.ts";

/** What Envoy calls the address families' errors. */
const bindErrors: Readonly<Record<string, string>> = {
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address",
  EACCES: "Permission denied",
};

/** A second signal ends the process at once; the first gives requests and spans this long at most. */
const maxShutdownMs = 10_000;

/** Runs until a signal or POST /quitquitquit; resolves with the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  const parsed = parseOptions(argv);
  if (!parsed.ok) {
    (parsed.status === 0 ? process.stdout : process.stderr).write(parsed.text);
    return parsed.status;
  }
  const { options } = parsed;
  return options.mode === "validate" ? validate(options) : serve(options);
}

async function validate(options: Options): Promise<number> {
  const path = options.configPath ?? "";
  try {
    await validateEnvoy({ ...envoyOptions(options), log: () => undefined });
  } catch (error) {
    const message = envoyMessage(error);
    const text = `error initializing configuration '${path}': ${message}`;
    process.stderr.write(`${log("critical", "main", text)}\n${places(error)}`);
    return 1;
  }
  process.stdout.write(`configuration '${path}' OK\n`);
  return 0;
}

async function serve(options: Options): Promise<number> {
  const writeLog = createLogWriter(options);
  const { promise: quit, resolve } = Promise.withResolvers<void>();
  let running: RunningEnvoy;
  try {
    running = await startEnvoy({
      ...envoyOptions(options),
      log: (line) => writeLog(parseLogLine(line)),
      onQuit: resolve,
    });
  } catch (error) {
    const message = envoyMessage(error);
    const path = options.configPath ?? "";
    const text = `error \`${message}\` initializing config '${path}'`;
    process.stderr.write(`${log("critical", "main", text)}\n${places(error)}${message}\n`);
    return 1;
  }
  for (const { name, address, port } of running.listeners)
    writeLog({ level: "info", logger: "config", text: `listener '${name}' on ${address}:${port}` });
  if (running.admin !== undefined) {
    const { address, port } = running.admin;
    writeLog({ level: "info", logger: "main", text: `admin address: ${address}:${port}` });
  }
  writeLog({
    level: "info",
    logger: "main",
    text: "all dependencies initialized. starting workers",
  });
  const signal = await Promise.race([quit, waitForSignal()]);
  if (signal !== undefined)
    writeLog({ level: "warning", logger: "main", text: `caught ENVOY_${signal}` });
  await running.close();
  writeLog({ level: "info", logger: "main", text: "exiting" });
  return 0;
}

/** The command line as a start and a check of the configuration take it. */
function envoyOptions(options: Options): Omit<EnvoyOptions, "log"> {
  return {
    ...(options.configPath === undefined ? {} : { configPath: options.configPath }),
    ...(options.configYaml === undefined ? {} : { configYaml: options.configYaml }),
    ...(options.serviceCluster === undefined ? {} : { serviceCluster: options.serviceCluster }),
    ...(options.serviceNode === undefined ? {} : { serviceNode: options.serviceNode }),
    ...(options.serviceZone === undefined ? {} : { serviceZone: options.serviceZone }),
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    logLevel: options.logLevel,
    drainTimeSeconds: Math.min(options.drainTimeS, maxShutdownMs / 1000),
    baseId: options.baseId,
  };
}

function waitForSignal(): Promise<string> {
  return new Promise((resolve) => {
    let seen = false;
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        if (seen) process.exit(1);
        seen = true;
        resolve(signal);
      });
    }
  });
}

const severities = ["trace", "debug", "info", "warning", "error", "critical", "off"] as const;

function createLogWriter(options: Options): (line: LogLine) => void {
  const lowest = severities.indexOf(options.logLevel);
  const target =
    options.logPath === undefined
      ? process.stderr
      : createWriteStream(options.logPath, { flags: "a" });
  return ({ level, logger, text }) => {
    if (severities.indexOf(level) >= lowest) target.write(`${log(level, logger, text)}\n`);
  };
}

function envoyMessage(error: unknown): string {
  if (error instanceof ConfigError) return error.problems[0].envoyMessage;
  if (!(error instanceof Error)) return String(error);
  const { code, address, port } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  const words = bindErrors[code ?? ""];
  return words === undefined || port === undefined
    ? error.message
    : `cannot bind '${address}:${port}': ${words}`;
}

/** Where in the file, for people: Envoy itself does not say. */
function places(error: unknown): string {
  if (!(error instanceof ConfigError)) return "";
  return error.problems.map((problem) => `  ${formatProblem(problem)}\n`).join("");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  process.exitCode = await main(process.argv.slice(2));
