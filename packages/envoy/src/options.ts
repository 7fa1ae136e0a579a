/** Envoy's command line, read as Envoy reads it: same flags, same refusals. https://www.envoyproxy.io/docs/envoy/latest/operations/cli */
import { type Flag, flags } from "./command-line-flags.ts";

export type LogLevel = "trace" | "debug" | "info" | "warning" | "error" | "critical" | "off";

export type Mode = "serve" | "validate";

export interface Options {
  readonly configPath?: string;
  /** Merged over the file. */
  readonly configYaml?: string;
  readonly mode: Mode;
  readonly serviceCluster?: string;
  readonly serviceNode?: string;
  readonly serviceZone?: string;
  readonly concurrency?: number;
  readonly logLevel: LogLevel;
  readonly logPath?: string;
  /** Default 600, as Envoy's. */
  readonly drainTimeS: number;
  /** Read for /server_info only. */
  readonly baseId: number;
}

export type ParsedOptions =
  | { readonly ok: true; readonly options: Options }
  /** Status 0: text for stdout (--help, --version); 1: text for stderr. */
  | { readonly ok: false; readonly status: number; readonly text: string };

const programName = "tracemesh envoy";

/** `argv` without the interpreter and the script. */
export function parseOptions(argv: readonly string[]): ParsedOptions {
  const read = readFlags(argv);
  if ("problem" in read) return failure(usageError(read.problem));
  const { values } = read;
  if (values.has("help")) return { ok: false, status: 0, text: help() };
  if (values.has("version")) {
    return { ok: false, status: 0, text: `\n${programName}  version: follows Envoy 1.40.0\n\n` };
  }
  if (values.has("hot-restart-version")) return { ok: false, status: 0, text: "disabled\n" };
  const unsupported = flags.find((flag) => flag.unsupported !== undefined && values.has(flag.name));
  if (unsupported !== undefined) {
    const { name, unsupported: feature } = unsupported;
    return failure(`error: --${name} is not supported here: ${feature}\n`);
  }
  return toOptions(values);
}

function failure(text: string): ParsedOptions {
  return { ok: false, status: 1, text };
}

const informative: readonly Flag[] = [
  { name: "hot-restart-version", help: "Hot restart compatibility version" },
  { name: "version", help: "Displays version information and exits." },
  { name: "help", short: "h", help: "Displays usage information and exits." },
];

const allFlags: readonly Flag[] = [...flags, ...informative];

interface UsageProblem {
  /** What Envoy's parser calls the argument, such as `-c (--config-path)`. */
  readonly argument: string;
  readonly reason: string;
}

type ReadFlags =
  | { readonly values: ReadonlyMap<string, string> }
  | { readonly problem: UsageProblem };

function readFlags(argv: readonly string[]): ReadFlags {
  const values = new Map<string, string>();
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] ?? "";
    // What follows "--" is not for us.
    if (argument === "--" || argument === "--ignore_rest") break;
    const flag = allFlags.find(
      ({ name, short }) =>
        argument === `--${name}` || (short !== undefined && argument === `-${short}`),
    );
    if (flag === undefined) {
      return { problem: { argument, reason: "Couldn't find match for argument" } };
    }
    const called = { argument: calledName(flag) };
    if (values.has(flag.name) && flag.repeatable !== true) {
      return { problem: { ...called, reason: "Argument already set!" } };
    }
    if (flag.value === undefined) {
      values.set(flag.name, "");
      continue;
    }
    const value = argv[++i];
    if (value === undefined) {
      return { problem: { ...called, reason: "Missing a value for this argument!" } };
    }
    if (flag.value === "uint32_t" && !isUint32(value)) {
      const reason = `Couldn't read argument value from string '${value}'`;
      return { problem: { ...called, reason } };
    }
    values.set(flag.name, value);
  }
  return { values };
}

function calledName({ name, short }: Flag): string {
  return short === undefined ? `(--${name})` : `-${short} (--${name})`;
}

function isUint32(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) <= 0xffff_ffff;
}

function toOptions(values: ReadonlyMap<string, string>): ParsedOptions {
  const error = (text: string): ParsedOptions => failure(`error: ${text}\n`);
  const mode = values.get("mode") ?? "serve";
  if (mode !== "serve" && mode !== "validate") {
    return error(`unknown mode '${mode}': allowed are serve, validate`);
  }
  const logLevel = logLevelOf(values.get("log-level") ?? "info");
  if (logLevel === undefined) {
    return error(
      `invalid log level specified '${values.get("log-level")}': allowed are ${logLevels.join(", ")}`,
    );
  }
  const text = <Key extends keyof Options>(key: Key, flag: string): { [K in Key]?: string } => {
    const value = values.get(flag);
    return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: string };
  };
  const concurrency = values.get("concurrency");
  return {
    ok: true,
    options: {
      ...text("configPath", "config-path"),
      ...text("configYaml", "config-yaml"),
      ...text("serviceCluster", "service-cluster"),
      ...text("serviceNode", "service-node"),
      ...text("serviceZone", "service-zone"),
      ...text("logPath", "log-path"),
      ...(concurrency === undefined ? {} : { concurrency: Math.max(1, Number(concurrency)) }),
      mode,
      logLevel,
      drainTimeS: Number(values.get("drain-time-s") ?? 600),
      baseId: Number(values.get("base-id") ?? 0),
    },
  };
}

const logLevels: readonly LogLevel[] = [
  "trace",
  "debug",
  "info",
  "warning",
  "error",
  "critical",
  "off",
];

function logLevelOf(text: string): LogLevel | undefined {
  return text === "warn" ? "warning" : logLevels.find((level) => level === text);
}

function usageError({ argument, reason }: UsageProblem): string {
  const plain = argument.replace(/^\((.*)\)$/, "$1");
  return [
    `PARSE ERROR: Argument: ${argument}`,
    `             ${reason}`,
    "",
    "Brief USAGE: ",
    briefUsage(),
    "",
    "For complete USAGE and HELP type: ",
    `   ${programName} --help`,
    "",
    `${plain} -- ${reason}`,
    "",
  ].join("\n");
}

function briefUsage(): string {
  const words = allFlags.map((flag) => `[${spelled(flag, flag.short)}]`);
  return wrap([`   ${programName} `, ...words], " ".repeat(programName.length + 5));
}

function spelled({ name, value }: Flag, short: string | undefined): string {
  const flag = short === undefined ? `--${name}` : `-${short}`;
  return value === undefined ? flag : `${flag} <${value}>`;
}

function help(): string {
  const entries = allFlags.map((flag) => {
    const long = spelled(flag, undefined);
    const head = flag.short === undefined ? long : `${spelled(flag, flag.short)},  ${long}`;
    const fate = flag.noEffect ?? flag.unsupported;
    const note =
      fate === undefined
        ? ""
        : flag.noEffect === undefined
          ? ` Not supported here: ${fate}.`
          : ` Accepted, no effect: ${fate}.`;
    const text = wrap(`     ${flag.help}${note}`.split(/(?<=\S) /), "     ");
    return `   ${head}\n${text}\n`;
  });
  const ignoreRest =
    "   --,  --ignore_rest\n     Ignores the rest of the labeled arguments following this flag.\n";
  return `\nUSAGE: \n\n${briefUsage()}\n\n\nWhere: \n\n${[...entries, ignoreRest].join("\n")}\n`;
}

/** Lines of at most 78 characters. */
function wrap(words: readonly string[], indent: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    if (line !== "" && line.length + 1 + word.length > 78) {
      lines.push(line);
      line = indent + word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join("\n");
}
