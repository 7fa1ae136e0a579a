/** Starts a proxy from a file or from text. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Bootstrap } from "./config/bootstrap.ts";
import { decodeBootstrap } from "./config/decode-bootstrap.ts";
import { formatProblem, type Problem } from "./config/problem.ts";
import { Server } from "./server.ts";
import { systemLookup } from "./upstream/dns.ts";

export interface EnvoyOptions {
  readonly configPath?: string;
  /** Merged over the file, or the whole configuration where there is no file. */
  readonly configYaml?: string;
  readonly serviceCluster?: string;
  readonly serviceNode?: string;
  readonly serviceZone?: string;
  /** Shown, not used: one event loop does the work. */
  readonly concurrency?: number;
  readonly logLevel?: string;
  /** How long requests under way get at the end; Envoy's default is 600. */
  readonly drainTimeSeconds?: number;
  readonly baseId?: number;
  readonly log: (line: string) => void;
  /** Gets what is logged to stdout, some lines at a time; default: the process's stdout. */
  readonly writeAccessLog?: (line: string) => void;
  /** Default: the system's resolver. */
  readonly lookup?: (hostname: string) => Promise<readonly string[]>;
  /** Applied to the ports of listeners, endpoints and admin. */
  readonly mapPort?: (port: number) => number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** POST /quitquitquit was asked for. */
  readonly onQuit?: () => void;
}

export interface RunningEnvoy {
  readonly listeners: readonly {
    readonly name: string;
    readonly address: string;
    readonly port: number;
  }[];
  readonly admin?: { readonly address: string; readonly port: number };
  /** Drains, flushes spans, closes; bounded by the drain time. */
  close(): Promise<void>;
  /** Replaces routes, clusters and listeners by those of another configuration; running requests finish by the old ones. */
  reload(configYaml: string): Promise<void>;
}

/** A configuration that cannot be used, with everything that is wrong with it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly [Problem, ...Problem[]];

  constructor(problems: readonly [Problem, ...Problem[]]) {
    super(problems.map(formatProblem).join("\n"));
    this.problems = problems;
  }
}

const defaultDrainTimeSeconds = 600;

export async function startEnvoy(options: EnvoyOptions): Promise<RunningEnvoy> {
  const server = createServer(options);
  await server.start();
  const { admin } = server;
  return {
    get listeners() {
      return server.listeners;
    },
    ...(admin === undefined ? {} : { admin }),
    close: () => server.close(),
    reload: (configYaml) => server.reload(decode("reload", configYaml, {})),
  };
}

/** Reads, checks and compiles a configuration as a start would, and stops there. Throws what is wrong with it. */
export async function validateEnvoy(options: EnvoyOptions): Promise<void> {
  await createServer(options).check();
}

function createServer(options: EnvoyOptions): Server {
  const { bootstrap, rawConfig } = loadConfig(options);
  const drainTimeS = options.drainTimeSeconds ?? defaultDrainTimeSeconds;
  const { serviceCluster = "", serviceNode = "", serviceZone = "" } = options;
  return new Server({
    bootstrap,
    commandLine: {
      configPath: options.configPath ?? "",
      configYaml: options.configYaml ?? "",
      serviceCluster,
      serviceNode,
      serviceZone,
      concurrency: options.concurrency ?? 1,
      logLevel: options.logLevel ?? "info",
      logPath: "",
      drainTimeS,
      baseId: options.baseId ?? 0,
      rawConfig,
    },
    ...(serviceCluster === "" ? {} : { serviceCluster }),
    ...(serviceNode === "" ? {} : { serviceNode }),
    ...(serviceZone === "" ? {} : { serviceZone }),
    drainTimeMs: drainTimeS * 1000,
    log: options.log,
    writeAccessLog: options.writeAccessLog,
    lookup: options.lookup ?? systemLookup,
    mapPort: options.mapPort ?? ((port) => port),
    env: options.env ?? process.env,
    onQuit: options.onQuit ?? (() => undefined),
  });
}

interface LoadedConfig {
  readonly bootstrap: Bootstrap;
  /** As parsed, for /config_dump. */
  readonly rawConfig: Readonly<Record<string, unknown>>;
}

/** Reads and checks; throws a ConfigError. */
export function loadConfig(options: Pick<EnvoyOptions, "configPath" | "configYaml">): LoadedConfig {
  const { configPath, configYaml } = options;
  if (configPath === undefined) {
    const text = configYaml ?? "";
    return { bootstrap: decode("--config-yaml", text, {}), rawConfig: parseRaw(text) };
  }
  const text = readConfig(configPath);
  const extras = configYaml === undefined ? {} : { configYaml };
  return {
    bootstrap: decode(configPath, text, extras),
    rawConfig: mergeRaw(parseRaw(text), parseRaw(configYaml ?? "")),
  };
}

function decode(path: string, text: string, extras: { configYaml?: string }): Bootstrap {
  const decoded = decodeBootstrap({ path, text }, extras);
  if (!decoded.ok) throw new ConfigError(decoded.problems);
  return decoded.bootstrap;
}

function readConfig(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([
      {
        file: path,
        line: 0,
        column: 0,
        path: "",
        message: `cannot be read: ${reason}`,
        envoyMessage: `unable to read file: ${path}`,
      },
    ]);
  }
}

function parseRaw(text: string): Record<string, unknown> {
  const value: unknown = parse(text, { merge: true });
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** As protobuf merges: messages field by field, lists end to end. */
function mergeRaw(
  base: Record<string, unknown>,
  over: Record<string, unknown>,
): Record<string, unknown> {
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const old = merged[key];
    if (Array.isArray(old) && Array.isArray(value)) merged[key] = [...old, ...value];
    else if (isObject(old) && isObject(value)) merged[key] = mergeRaw(old, value);
    else merged[key] = value;
  }
  return merged;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
