import { isIP } from "node:net";
import { TRACE_MODES, type TraceMode } from "@tracemesh/propagation";
import {
  DEFAULT_ENDPOINT,
  TelemetryConfigError,
  telemetryConfigFromEnv,
} from "@tracemesh/telemetry";
import type { Env } from "./service.ts";

/** The environment that every service shares, decoded. */
export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly serviceName: string;
  readonly mode: TraceMode;
  readonly zipkinEndpoint: string;
  readonly sampleRatio: number;
  readonly shutdownGraceMs: number;
  /** Where plain HTTP calls go instead of their host, in absolute form: a sidecar. */
  readonly outboundProxy: string | undefined;
}

/** Bad settings, each with the variable, its value and what is allowed. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

const GRACE_MS = 1500;
const MAX_GRACE_MS = 600_000;

/** Decodes the environment; throws SettingsError with everything that is wrong with it. */
export function readSettings(name: string, env: Env): Settings {
  const problems: string[] = [];
  const port = integer(env, "PORT", 0, 65_535, 0, problems);
  const mode = TRACE_MODES.find((known) => known === (env["TRACE_MODE"] || "participate"));
  if (mode === undefined) {
    problems.push(`TRACE_MODE "${env["TRACE_MODE"]}" is not one of ${TRACE_MODES.join(", ")}`);
  }
  const shutdownGraceMs = integer(env, "SHUTDOWN_GRACE_MS", 0, MAX_GRACE_MS, GRACE_MS, problems);
  const outboundProxy = env["OUTBOUND_PROXY"] || undefined;
  if (outboundProxy !== undefined && URL.parse(outboundProxy)?.protocol !== "http:") {
    problems.push(
      `OUTBOUND_PROXY "${outboundProxy}" is not an http URL, such as http://127.0.0.1:15001`,
    );
  }
  const telemetry = telemetrySettings(env, problems);
  if (problems.length > 0 || mode === undefined) throw new SettingsError(problems);
  return {
    port,
    host: env["HOST"] || "0.0.0.0",
    serviceName: telemetry.serviceName ?? name,
    mode,
    zipkinEndpoint: telemetry.endpoint ?? DEFAULT_ENDPOINT,
    sampleRatio: telemetry.samplerRatio ?? 1,
    shutdownGraceMs,
    outboundProxy,
  };
}

/** Decodes a whole number; what is wrong goes to `problems`. For services' own variables, too. */
export function integer(
  env: Env,
  name: string,
  min: number,
  max: number,
  fallback: number,
  problems: string[],
): number {
  const value = env[name];
  if (value === undefined || value === "") return fallback;
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= min && number <= max) return number;
  problems.push(`${name} "${value}" is not a whole number from ${min} to ${max}`);
  return fallback;
}

/** Decodes an http(s) base URL; throws SettingsError. A trailing slash is dropped. */
export function baseUrl(env: Env, name: string, fallback: string): string {
  const value = env[name] || fallback;
  const url = URL.parse(value);
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new SettingsError([
      `${name} "${value}" is not an http or https URL, such as ${fallback}`,
    ]);
  }
  return value.replace(/\/+$/, "");
}

/** Decodes TRACEMESH_HOSTS, `name=address` pairs with commas between; throws SettingsError. */
export function parseHosts(value: string | undefined): ReadonlyMap<string, string> {
  const hosts = new Map<string, string>();
  for (const pair of (value ?? "").split(",")) {
    if (pair.trim() === "") continue;
    const [name = "", address = ""] = pair.split("=").map((part) => part.trim());
    if (name === "" || isIP(address) === 0) {
      throw new SettingsError([
        `TRACEMESH_HOSTS "${value}" has "${pair}": pairs are name=address, such as service1=127.0.0.1`,
      ]);
    }
    hosts.set(name.toLowerCase(), address);
  }
  return hosts;
}

function telemetrySettings(
  env: Env,
  problems: string[],
): ReturnType<typeof telemetryConfigFromEnv> {
  try {
    return telemetryConfigFromEnv(env);
  } catch (error) {
    if (!(error instanceof TelemetryConfigError)) throw error;
    problems.push(...error.problems);
    return {};
  }
}
