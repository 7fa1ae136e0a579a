import { createFetch, reasonOf } from "@tracemesh/propagation";
import {
  createNoopTelemetry,
  createTelemetry,
  type Lookup,
  startTelemetry,
  type Telemetry,
} from "@tracemesh/telemetry";
import { listen } from "./http-server.ts";
import { createOutgoing } from "./outgoing.ts";
import type { Env, RunningService, ServiceDefinition, ServiceParts } from "./service.ts";
import { readSettings, type Settings } from "./settings.ts";

export interface StartServiceOptions {
  /** Laid over the definition's defaults. */
  readonly env: Env;
  readonly log: (line: string) => void;
  /** Resolves the host names that the service calls. Default: the system's resolver. */
  readonly lookup?: Lookup;
  /** `global` starts the OTel SDK for the process, `local` leaves OTel's globals alone. Default `local`. */
  readonly telemetry?: "global" | "local";
}

/** Runs a service; resolves when it listens, rejects with SettingsError or ListenError. */
export async function startService(
  definition: ServiceDefinition,
  options: StartServiceOptions,
): Promise<RunningService> {
  const env = { ...definition.defaults, ...withoutEmpty(options.env) };
  const settings = readSettings(definition.name, env);
  const { lookup, log } = options;
  const telemetry = await openTelemetry(definition, env, settings, options);
  const outgoing = createOutgoing({ lookup, proxy: settings.outboundProxy });
  const stops: (() => void | Promise<void>)[] = [];
  const release = async (): Promise<void> => {
    await outgoing.close();
    const results = await Promise.allSettled(stops.map(async (stop) => stop()));
    for (const result of results) {
      if (result.status === "rejected") log(`while stopping: ${reasonOf(result.reason)}`);
    }
    await telemetry.shutdown();
  };

  try {
    const { serviceName, mode } = settings;
    const { tracer, propagator } = telemetry;
    const fetch = createFetch({ mode, fetch: outgoing.fetch, tracer, propagator });
    const onStop: ServiceParts["onStop"] = (stop) => void stops.push(stop);
    const parts: ServiceParts = { env, serviceName, mode, telemetry, fetch, log, onStop };
    const server = await listen(await definition.createApp(parts), settings);
    let closed: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      await server.drain(settings.shutdownGraceMs);
      await release();
    };
    return {
      name: definition.name,
      port: server.port,
      close: () => {
        closed ??= close();
        return closed;
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

async function openTelemetry(
  definition: ServiceDefinition,
  env: Env,
  settings: Settings,
  { telemetry, lookup, log }: StartServiceOptions,
): Promise<Telemetry> {
  const { serviceName } = settings;
  if (settings.mode !== "participate") return createNoopTelemetry(serviceName);
  const exporter = definition.createExporter?.(env, serviceName, lookup);
  const config = {
    serviceName,
    endpoint: settings.zipkinEndpoint,
    samplerRatio: settings.sampleRatio,
    log,
    ...(lookup === undefined ? {} : { lookup }),
    ...(exporter === undefined ? {} : { exporter }),
  };
  return telemetry === "global" ? startTelemetry(config) : createTelemetry(config);
}

/** Compose files write `NAME: ""` for "not set". */
function withoutEmpty(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value));
}
