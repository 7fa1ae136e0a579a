// For users

export type { TraceMode } from "@tracemesh/propagation";
export type { Lookup, SpanExporter, Telemetry } from "@tracemesh/telemetry";
export { openDatabase } from "./database.ts";
export { type HostIdentity, hostIdentity } from "./host-identity.ts";
export { ListenError } from "./http-server.ts";
export {
  callUpstream,
  createKitApp,
  errorHandler,
  health,
  type KitAppOptions,
  traceMiddleware,
  UpstreamError,
} from "./kit-app.ts";
export { createOutgoing, type Outgoing, type OutgoingOptions } from "./outgoing.ts";
export { runMain } from "./run-main.ts";
export type { Env, RunningService, ServiceDefinition, ServiceParts } from "./service.ts";
export { type StartServiceOptions, startService } from "./start-service.ts";

// For other packages

export { lookupFrom } from "./outgoing.ts";
export { fakeParts } from "./parts-fake.ts";
export {
  baseUrl,
  integer,
  parseHosts,
  readSettings,
  type Settings,
  SettingsError,
} from "./settings.ts";
