import { ListenError } from "./http-server.ts";
import { lookupFrom } from "./outgoing.ts";
import type { ServiceDefinition } from "./service.ts";
import { parseHosts, SettingsError } from "./settings.ts";
import { startService } from "./start-service.ts";

/** Exit status of a service: wrong settings, or a port that cannot be had. */
const EXIT_SETTINGS = 2;
const EXIT_LISTEN = 1;

/**
 * Runs a service as this process: settings from the environment, a ready line, and an orderly end on
 * SIGTERM and Ctrl-C.
 */
export async function runMain(definition: ServiceDefinition): Promise<void> {
  const log = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  try {
    const { env } = process;
    const hosts = parseHosts(env["TRACEMESH_HOSTS"]);
    const service = await startService(definition, {
      env,
      log,
      telemetry: "global",
      ...(hosts.size === 0 ? {} : { lookup: lookupFrom(hosts) }),
    });
    log(`${service.name} is ready on port ${service.port}`);
    const stop = (): void => {
      process.off("SIGTERM", stop);
      process.off("SIGINT", stop);
      service.close().then(
        () => log(`${service.name} stopped`),
        (error: unknown) => fail(definition.name, error),
      );
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  } catch (error) {
    fail(definition.name, error);
  }
}

function fail(name: string, error: unknown): void {
  const known = error instanceof SettingsError || error instanceof ListenError;
  const text = known ? error.message : error instanceof Error ? error.stack : String(error);
  for (const line of String(text).split("\n")) process.stderr.write(`${name}: ${line}\n`);
  process.exitCode = error instanceof SettingsError ? EXIT_SETTINGS : EXIT_LISTEN;
}
