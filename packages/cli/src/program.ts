import { Command, InvalidArgumentError } from "commander";
import type { UpOptions } from "./commands/up.ts";

const version = "0.1.0";

interface OwnArguments {
  readonly description: string;
  main(argv: readonly string[]): Promise<unknown>;
}

/** The commands that read their own arguments, as the programs they stand for do. */
export const ownArguments: Readonly<Record<"envoy" | "zipkin" | "istio", OwnArguments>> = {
  envoy: {
    description: "the proxy: reads Envoy v3 YAML, with Envoy's own flags",
    main: async (argv: readonly string[]) => (await import("@tracemesh/envoy")).main(argv),
  },
  zipkin: {
    description: "the trace store, configured by the real server's environment variables",
    main: async (argv: readonly string[]) =>
      (await import("@tracemesh/zipkin")).main(argv, process.env),
  },
  istio: {
    description: "Istio and Knative manifests: render, analyze, proxy",
    main: async (argv: readonly string[]) => (await import("@tracemesh/istio")).main(argv),
  },
};

/** The command line. Each command is imported when it is called. */
export function createProgram(finish: (status: number) => void): Command {
  const program = new Command("tracemesh")
    .description("A service mesh small enough to read, whose traces are complete.")
    .version(version)
    .showHelpAfterError()
    .enablePositionalOptions();

  program
    .command("up")
    .description("run the services of docker-compose.yml on this machine, without Docker")
    .argument("[service...]", "start only these, and what they depend on (default: all)")
    .option("-f, --file <path>", "the compose file (default: docker-compose.yml here or above)")
    .option("--profile <name>", "also start the services of this profile", collect, [])
    .option("--port-offset <n>", "add n to every port", parseOffset, 0)
    .option(
      "--routes <file>",
      "Istio manifests laid over those of the compose file; edit the file and the routing follows",
      collect,
      [],
    )
    .option("--isolate", "a process for each service")
    .option("--no-traces", "do not draw finished traces")
    .action(async (services: readonly string[], options: UpOptions) => {
      const { up } = await import("./commands/up.ts");
      finish(await up(services, options));
    });

  for (const [name, { description }] of Object.entries(ownArguments)) {
    // Only for the list in --help: main.ts hands these on before it comes here.
    program.command(name).description(description).usage("[arguments]");
  }

  program
    .command("headers")
    .description("what the parsers make of trace headers, and what would be forwarded")
    .argument("[header...]", '"name: value" (default: lines on stdin)')
    .option(
      "--preset <name>",
      "which headers are forwarded: envoy, istio, bookinfo or all",
      "envoy",
    )
    .option("--forward <name>", "forward this header, too", collect, [])
    .action(async (lines: readonly string[], options: { preset: string; forward: string[] }) => {
      const { headers, isPreset } = await import("./commands/headers.ts");
      const { preset, forward } = options;
      if (!isPreset(preset)) {
        throw new Error(`unknown preset "${preset}": envoy, istio, bookinfo and all are allowed`);
      }
      finish(await headers(lines, { preset, forward }));
    });

  program
    .command("health")
    .description("ask an address once: status 0 when it answers 2xx (the containers' health check)")
    .argument("<url>", "an http:// address")
    .action(async (url: string) => {
      const { health } = await import("./commands/health.ts");
      finish(await health(url));
    });

  return program;
}

function collect(value: string, all: readonly string[]): readonly string[] {
  return [...all, value];
}

function parseOffset(text: string): number {
  if (!/^[+-]?\d{1,5}$/.test(text)) {
    throw new InvalidArgumentError("A whole number is expected, for example 1000.");
  }
  return Number(text);
}
