import { isIP } from "node:net";
import { parseArgs } from "node:util";
import type { RenderOptions } from "./render/bootstrap.ts";

export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

export const usage = `usage: tracemesh istio render FILE... --workload NAME [options]
       tracemesh istio analyze FILE...
       tracemesh istio proxy FILE... --workload NAME [options]

FILE is a manifest or a folder of manifests. Of a resource that several files have, the last one counts.

  --workload NAME        a Deployment, Pod, WorkloadEntry or Knative revision, or namespace/name
  --inbound-port PORT    where its inbound listener listens (annotation tracemesh.dev/inbound-port, 15006)
  --outbound-port PORT   where its application calls (annotation tracemesh.dev/outbound-port, 15001)
  --admin-port PORT      its admin pages (annotation tracemesh.dev/admin-port, 15000)
  --hosts HOSTS          where other workloads are: an address for all of them, or name=address[:port],...
`;

export type Command = "render" | "analyze" | "proxy";

export interface Arguments {
  readonly command: Command;
  readonly files: readonly string[];
  readonly workload?: string;
  readonly options: RenderOptions;
}

export function parseArguments(argv: readonly string[]): Arguments | "help" {
  const [command, ...rest] = argv;
  if (command === "--help" || command === "-h" || command === "help") return "help";
  if (command !== "render" && command !== "analyze" && command !== "proxy") {
    const received = command === undefined ? "nothing" : JSON.stringify(command);
    throw new UsageError(`${received} is not a command: allowed are render, analyze, proxy`);
  }
  const { values, positionals } = parse(rest);
  if (values.help) return "help";
  if (positionals.length === 0) throw new UsageError(`${command} needs at least one manifest`);
  const { workload } = values;
  if (command !== "analyze" && workload === undefined) {
    throw new UsageError(`${command} needs --workload NAME`);
  }
  const ports = {
    inbound: values["inbound-port"],
    outbound: values["outbound-port"],
    admin: values["admin-port"],
  };
  const given = Object.entries(ports).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, parsePort(`--${name}-port`, value)] as const],
  );
  const hosts = values.hosts === undefined ? {} : { hosts: parseHosts(values.hosts) };
  return {
    command,
    files: positionals,
    options: { ...Object.fromEntries(given), ...hosts },
    ...(workload === undefined ? {} : { workload }),
  };
}

interface ParsedFlags {
  readonly values: {
    readonly workload?: string;
    readonly "inbound-port"?: string;
    readonly "outbound-port"?: string;
    readonly "admin-port"?: string;
    readonly hosts?: string;
    readonly help?: boolean;
  };
  readonly positionals: readonly string[];
}

function parse(argv: readonly string[]): ParsedFlags {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        workload: { type: "string" },
        "inbound-port": { type: "string" },
        "outbound-port": { type: "string" },
        "admin-port": { type: "string" },
        hosts: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function parsePort(flag: string, value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (port >= 0 && port <= 65535) return port;
  throw new UsageError(`${flag} ${JSON.stringify(value)} is not a port in 0-65535`);
}

/** `127.0.0.1`, or `details-v1=10.0.0.7,reviews-v1=10.0.0.8:15106`. */
function parseHosts(value: string): Readonly<Record<string, string>> {
  if (isIP(value) !== 0) return { "*": value };
  const pairs = value.split(",").map((pair) => /^([^=]+)=(.+)$/.exec(pair.trim()));
  if (pairs.includes(null)) {
    throw new UsageError(
      `--hosts ${JSON.stringify(value)} is neither an address nor name=address,...`,
    );
  }
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? "", pair?.[2] ?? ""]));
}
