/** Envoy's command line, read as Envoy reads it: same flags, same refusals. https://www.envoyproxy.io/docs/envoy/latest/operations/cli */
import { type Flag, flags } from "./command-line-flags.ts";

export type LogLevel = "trace" | "debug" | "info" | "warning" | "error" | "critical" | "off";

/** init_only starts everything up, then exits. */
export type Mode = "serve" | "validate" | "init_only";

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
  readonly drainStrategy: "gradual" | "immediate";
  /** A file to write the admin interface's address to. */
  readonly adminAddressPath?: string;
}

export type ParsedOptions =
  | { readonly kind: "run"; readonly options: Options }
  /** --help, --version: text for stdout, exit status 0. */
  | { readonly kind: "print"; readonly text: string }
  /** Text for stderr, exit status 1. */
  | { readonly kind: "error"; readonly text: string };

export interface Program {
  /** How it was called, such as `tracemesh envoy`. */
  readonly name: string;
  readonly version: string;
}

/** `argv` without the interpreter and the script. */
export function parseOptions(argv: readonly string[], program: Program): ParsedOptions {
  const read = readFlags(argv);
  if ("problem" in read) return { kind: "error", text: usageError(read.problem, program) };
  const { values } = read;
  if (values.has("help")) return { kind: "print", text: help(program) };
  if (values.has("version")) {
    return { kind: "print", text: `\n${program.name}  version: ${program.version}\n\n` };
  }
  if (values.has("hot-restart-version")) return { kind: "print", text: "disabled\n" };
  const unsupported = flags.find((flag) => flag.unsupported !== undefined && values.has(flag.name));
  if (unsupported !== undefined) {
    const { name, unsupported: feature } = unsupported;
    return { kind: "error", text: `error: --${name} is not supported here: ${feature}\n` };
  }
  return toOptions(values);
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
      ({ name, short }) => argument === `--${name}` || argument === `-${short ?? ""}-`.slice(0, -1),
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
  const error = (text: string): ParsedOptions => ({ kind: "error", text: `error: ${text}\n` });
  const mode = values.get("mode") ?? "serve";
  if (mode !== "serve" && mode !== "validate" && mode !== "init_only") {
    return error(`unknown mode '${mode}'`);
  }
  const logLevel = logLevelOf(values.get("log-level") ?? "info");
  if (logLevel === undefined) {
    return error(`invalid log level specified '${values.get("log-level")}'`);
  }
  const drainStrategy = values.get("drain-strategy") ?? "gradual";
  if (drainStrategy !== "gradual" && drainStrategy !== "immediate") {
    return error(`unknown drain-strategy '${drainStrategy}'`);
  }
  const text = <Key extends keyof Options>(key: Key, flag: string): { [K in Key]?: string } => {
    const value = values.get(flag);
    return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: string };
  };
  const concurrency = values.get("concurrency");
  return {
    kind: "run",
    options: {
      ...text("configPath", "config-path"),
      ...text("configYaml", "config-yaml"),
      ...text("serviceCluster", "service-cluster"),
      ...text("serviceNode", "service-node"),
      ...text("serviceZone", "service-zone"),
      ...text("logPath", "log-path"),
      ...text("adminAddressPath", "admin-address-path"),
      ...(concurrency === undefined ? {} : { concurrency: Math.max(1, Number(concurrency)) }),
      mode,
      logLevel,
      drainStrategy,
      drainTimeS: Number(values.get("drain-time-s") ?? 600),
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

function usageError({ argument, reason }: UsageProblem, program: Program): string {
  const plain = argument.replace(/^\((.*)\)$/, "$1");
  return [
    `PARSE ERROR: Argument: ${argument}`,
    `             ${reason}`,
    "",
    "Brief USAGE: ",
    briefUsage(program),
    "",
    "For complete USAGE and HELP type: ",
    `   ${program.name} --help`,
    "",
    `${plain} -- ${reason}`,
    "",
  ].join("\n");
}

function briefUsage({ name }: Program): string {
  const words = allFlags.map((flag) => `[${spelled(flag, flag.short)}]`);
  return wrap([`   ${name} `, ...words], " ".repeat(name.length + 5));
}

function spelled({ name, value }: Flag, short: string | undefined): string {
  const flag = short === undefined ? `--${name}` : `-${short}`;
  return value === undefined ? flag : `${flag} <${value}>`;
}

function help(program: Program): string {
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
  return `\nUSAGE: \n\n${briefUsage(program)}\n\n\nWhere: \n\n${[...entries, ignoreRest].join("\n")}\n`;
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
