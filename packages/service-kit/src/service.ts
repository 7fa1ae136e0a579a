import type { TraceMode } from "@tracemesh/propagation";
import type { Lookup, SpanExporter, Telemetry } from "@tracemesh/telemetry";
import type { Express } from "express";

export type Env = Readonly<Record<string, string | undefined>>;

/** What a service is built from; tests hand in fakes. */
export interface ServiceParts {
  readonly env: Env;
  readonly serviceName: string;
  readonly mode: TraceMode;
  readonly telemetry: Telemetry;
  /** Hands on the trace of the request being served, as `mode` says. */
  readonly fetch: typeof fetch;
  readonly log: (line: string) => void;
  /** Registers what closes that which `createApp` opened besides the app: a database, a process. */
  onStop(stop: () => void | Promise<void>): void;
}

/** A service, before it runs. */
export interface ServiceDefinition {
  readonly name: string;
  /** Environment where the caller's says nothing; PORT among them. */
  readonly defaults: Readonly<Record<string, string>>;
  createApp(parts: ServiceParts): Express | Promise<Express>;
  /** Where its spans go, when not to ZIPKIN_ENDPOINT as Zipkin v2. */
  createExporter?(env: Env, serviceName: string, lookup?: Lookup): SpanExporter;
}

export interface RunningService {
  readonly name: string;
  readonly port: number;
  /** Lets requests in flight finish, within SHUTDOWN_GRACE_MS, sends the spans and stops. */
  close(): Promise<void>;
}
