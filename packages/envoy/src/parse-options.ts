/** Reads Envoy's command line. https://www.envoyproxy.io/docs/envoy/latest/operations/cli */
import type { LogLevel, Mode, Options } from "./options.ts";

export type ParsedOptions =
  | { readonly ok: true; readonly options: Options }
  /** The whole text for stderr (or, with status 0, for stdout: --help and --version). */
  | { readonly ok: false; readonly status: number; readonly text: string };

interface Flag {
  readonly long: string;
  readonly short?: string;
  /** Absent: a switch. */
  readonly value?: "string" | "uint32";
}

/** What is listened to, and what is accepted because Envoy's users pass it: the latter has no meaning in one process. */
const flags: readonly Flag[] = [
  { long: "config-path", short: "c", value: "string" },
  { long: "config-yaml", value: "string" },
  { long: "mode", value: "string" },
  { long: "service-cluster", value: "string" },
  { long: "service-node", value: "string" },
  { long: "service-zone", value: "string" },
  { long: "concurrency", value: "uint32" },
  { long: "log-level", short: "l", value: "string" },
  { long: "component-log-level", value: "string" },
  { long: "log-format", value: "string" },
  { long: "log-format-escaped" },
  { long: "log-path", value: "string" },
  { long: "drain-time-s", value: "uint32" },
  { long: "drain-strategy", value: "string" },
  { long: "parent-shutdown-time-s", value: "uint32" },
  { long: "base-id", value: "uint32" },
  { long: "base-id-path", value: "string" },
  { long: "use-dynamic-base-id" },
  { long: "restart-epoch", value: "uint32" },
  { long: "disable-hot-restart" },
  { long: "file-flush-interval-msec", value: "uint32" },
  { long: "file-flush-min-size-kb", value: "uint32" },
  { long: "local-address-ip-version", value: "string" },
  { long: "enable-core-dump" },
  { long: "enable-fine-grain-logging" },
  { long: "help", short: "h" },
  { long: "version" },
];

const levels: readonly LogLevel[] = [
  "trace",
  "debug",
  "info",
  "warning",
  "error",
  "critical",
  "off",
];
const maxUint32 = 4_294_967_295;

export function parseOptions(argv: readonly string[]): ParsedOptions {
  const values = new Map<string, string>();
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] as string;
    const equals = argument.startsWith("--") ? argument.indexOf("=") : -1;
    const name = equals < 0 ? argument : argument.slice(0, equals);
    const flag = flags.find(({ long, short }) => name === `--${long}` || name === `-${short}`);
    if (flag === undefined) return parseError(argument, "Couldn't find match for argument");
    const label = flag.short === undefined ? `--${flag.long}` : `-${flag.short} (--${flag.long})`;
    if (values.has(flag.long)) return parseError(label, "Argument already set!");
    if (flag.value === undefined) {
      values.set(flag.long, "");
      continue;
    }
    const value = equals < 0 ? argv[++i] : argument.slice(equals + 1);
    if (value === undefined) return parseError(label, "Missing a value for this argument!");
    if (flag.value === "uint32" && !isUint32(value))
      return parseError(label, `Couldn't read argument value from string '${value}'`);
    values.set(flag.long, value);
  }
  return interpret(values);
}

function interpret(values: ReadonlyMap<string, string>): ParsedOptions {
  if (values.has("help")) return { ok: false, status: 0, text: usage() };
  if (values.has("version"))
    return { ok: false, status: 0, text: "tracemesh envoy, follows Envoy 1.40.0\n" };
  const mode = values.get("mode") ?? "serve";
  if (!isMode(mode))
    return failure(`error: unknown mode '${mode}': serve and validate are allowed`);
  const level = values.get("log-level") ?? "info";
  const logLevel = level === "warn" ? "warning" : level;
  if (!isLogLevel(logLevel))
    return failure(
      `error: invalid log level specified '${level}': ${levels.join(", ")} are allowed`,
    );
  const text = (key: string, name: string): Record<string, string> => {
    const value = values.get(name);
    return value === undefined ? {} : { [key]: value };
  };
  const concurrency = values.get("concurrency");
  const options: Options = {
    mode,
    logLevel,
    drainTimeS: Number(values.get("drain-time-s") ?? 600),
    baseId: Number(values.get("base-id") ?? 0),
    ...(concurrency === undefined ? {} : { concurrency: Number(concurrency) }),
    ...text("configPath", "config-path"),
    ...text("configYaml", "config-yaml"),
    ...text("serviceCluster", "service-cluster"),
    ...text("serviceNode", "service-node"),
    ...text("serviceZone", "service-zone"),
    ...text("logPath", "log-path"),
  };
  if (options.configPath === undefined && options.configYaml === undefined) {
    return failure(
      "At least one of --config-path or --config-yaml or Options::configProto() should be non-empty",
    );
  }
  return { ok: true, options };
}

function isUint32(value: string): boolean {
  return /^\d+$/.test(value) && Number(value) <= maxUint32;
}

function isMode(value: string): value is Mode {
  return value === "serve" || value === "validate";
}

function isLogLevel(value: string): value is LogLevel {
  return (levels as readonly string[]).includes(value);
}

function failure(message: string): ParsedOptions {
  return { ok: false, status: 1, text: `${message}\n` };
}

function parseError(argument: string, what: string): ParsedOptions {
  return failure(`PARSE ERROR: Argument: ${argument}\n             ${what}\n\n${usage()}`);
}

function usage(): string {
  const lines = flags.map(({ long, short, value }) => {
    const names = short === undefined ? `--${long}` : `-${short}, --${long}`;
    return `  ${names}${value === undefined ? "" : ` <${value}>`}`;
  });
  return `USAGE: tracemesh envoy [options]\n\n${lines.join("\n")}\n`;
}
