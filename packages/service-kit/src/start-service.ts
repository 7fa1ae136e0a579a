import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createFetch } from "@tracemesh/propagation";
import {
  createNoopTelemetry,
  createTelemetry,
  type Lookup,
  startTelemetry,
  type Telemetry,
} from "@tracemesh/telemetry";
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

/** The port is taken or not ours to take. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly port: number;
  readonly code: string;
  constructor(message: string, port: number, cause: NodeJS.ErrnoException) {
    super(message, { cause });
    this.port = port;
    this.code = cause.code ?? "UNKNOWN";
  }
}

// Longer than the hour for which proxies keep an idle upstream connection: they close first, so a
// request never meets a connection that we are closing.
const KEEP_ALIVE_MS = 3_610_000;

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
    for (const stop of stops) await stop();
    await telemetry.shutdown();
  };

  try {
    const { serviceName, mode } = settings;
    const { tracer, propagator } = telemetry;
    const fetch = createFetch({ mode, fetch: outgoing.fetch, tracer, propagator });
    const onStop: ServiceParts["onStop"] = (stop) => void stops.push(stop);
    const parts: ServiceParts = { env, serviceName, mode, telemetry, fetch, log, onStop };
    const server = createServer(
      { keepAliveTimeout: KEEP_ALIVE_MS },
      await definition.createApp(parts),
    );
    const port = await listen(server, settings);
    let closed: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      await drain(server, settings.shutdownGraceMs);
      await release();
    };
    return {
      name: definition.name,
      port,
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

function listen(server: Server, { port, host }: Settings): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(new ListenError(listenProblem(cause, port, host), port, cause));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function listenProblem(
  { code, message }: NodeJS.ErrnoException,
  port: number,
  host: string,
): string {
  switch (code) {
    case "EADDRINUSE":
      return `port ${port} on ${host} is in use by another program; stop it or set PORT to a free one`;
    case "EACCES":
      return `port ${port} on ${host} is not allowed for this user; set PORT to one above 1023`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `HOST "${host}" is not an address of this machine; 0.0.0.0 listens on all`;
    default:
      return `cannot listen on ${host}:${port}: ${message}`;
  }
}

/** Stops listening, waits for requests in flight, then cuts what is left. */
async function drain(server: Server, graceMs: number): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  try {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Compose files write `NAME: ""` for "not set". */
function withoutEmpty(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value));
}
