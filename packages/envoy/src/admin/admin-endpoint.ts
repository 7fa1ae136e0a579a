import type { DynamicResourcesShown } from "../dynamic-config/dynamic-config.ts";
import type { ServerContext } from "../server-context.ts";
import type { CommandLineOptions } from "./server-info.ts";

export interface AdminRequest {
  readonly path: string;
  readonly query: URLSearchParams;
}

export interface AdminAnswer {
  readonly status?: number;
  /** Default: plain text. */
  readonly contentType?: string;
  /** A function when it is to be made after the answer itself was counted. */
  readonly body: string | (() => string);
}

export interface AdminParameter {
  readonly name: string;
  readonly help: string;
}

/** One path of the admin interface. */
export interface AdminEndpoint {
  readonly path: string;
  readonly help: string;
  readonly parameters?: readonly AdminParameter[];
  /** Changes something: POST only. */
  readonly mutates?: boolean;
  answer(request: AdminRequest, server: AdminServer): AdminAnswer;
}

/** A listener as the admin interface shows it. */
export interface ShownListener {
  readonly name: string;
  readonly listener: { readonly address: string; readonly port: number };
}

/** The server as the admin interface sees it. */
export interface AdminServer {
  readonly context: ServerContext;
  readonly commandLine: CommandLineOptions;
  readonly startedMs: number;
  readonly listeners: () => readonly ShownListener[];
  /** What came out of files of their own; undefined: nothing. */
  readonly dynamicResources: () => DynamicResourcesShown | undefined;
  readonly drainListeners: () => void;
  readonly onQuit: () => void;
}

export const jsonType = "application/json";

/** JSON as Envoy prints messages: one space a level, a line feed at the end. */
export function jsonAnswer(value: unknown): AdminAnswer {
  return { contentType: jsonType, body: `${JSON.stringify(value, undefined, 1)}\n` };
}

export function badRequest(message: string): AdminAnswer {
  return { status: 400, body: message };
}
