import type { HeaderChange, HeaderOperations } from "../kinds/http-destination.ts";
import { compare } from "../model/services.ts";
import type { JsonObject } from "./json.ts";

export interface RenderedHeaders {
  readonly requestAdd: readonly JsonObject[];
  readonly requestRemove: readonly string[];
  readonly responseAdd: readonly JsonObject[];
  readonly responseRemove: readonly string[];
  /** `host` or `:authority` in set or add: a host rewrite. */
  readonly authority?: string;
}

const isAuthority = (name: string) => [":authority", "host"].includes(name.toLowerCase());
/** Envoy lets nobody change these through header rules. */
const isInternal = (name: string) => name.startsWith(":") || name.toLowerCase() === "host";

/** `set` overwrites and comes before `add`, which appends; each sorted by name. */
export function headerOperations(operations: HeaderOperations | undefined): RenderedHeaders {
  const request = operations?.request;
  const response = operations?.response;
  const authority = authorityOf(request?.set) ?? authorityOf(request?.add);
  return {
    requestAdd: additions(request),
    requestRemove: (request?.remove ?? []).filter((name) => !isInternal(name)),
    responseAdd: additions(response),
    responseRemove: (response?.remove ?? []).filter((name) => !isInternal(name)),
    ...(authority === undefined ? {} : { authority }),
  };
}

function authorityOf(headers: Readonly<Record<string, string>> | undefined): string | undefined {
  return Object.entries(headers ?? {}).findLast(([name]) => isAuthority(name))?.[1];
}

function additions(change: HeaderChange | undefined): JsonObject[] {
  return [
    ...options(change?.set, "OVERWRITE_IF_EXISTS_OR_ADD"),
    ...options(change?.add, "APPEND_IF_EXISTS_OR_ADD"),
  ];
}

function options(
  headers: Readonly<Record<string, string>> | undefined,
  action: string,
): JsonObject[] {
  return Object.entries(headers ?? {})
    .filter(([name]) => !isInternal(name))
    .sort(([a], [b]) => compare(a, b))
    .map(([key, value]) => ({ header: { key, value }, append_action: action }));
}
