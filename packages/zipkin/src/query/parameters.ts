import { parseInteger } from "../model/java-text.ts";
import { parseAnnotationQuery, type SearchRequest } from "./search-request.ts";

/** The request is wrong; the message says how. Answered with 400. */
export class ParameterError extends Error {
  override readonly name = "ParameterError";
}

/** Milliseconds and a count, where the request does not say. */
export interface SearchDefaults {
  readonly endTs: number;
  readonly lookback: number;
  readonly limit: number;
}

const INT_BITS = 32;
const LONG_BITS = 64;

export function readSearchRequest(query: URLSearchParams, defaults: SearchDefaults): SearchRequest {
  const minDuration = readLong(query, "minDuration");
  const maxDuration = readLong(query, "maxDuration");
  const endTs = readLong(query, "endTs") ?? defaults.endTs;
  const lookback = readLong(query, "lookback") ?? defaults.lookback;
  const limit = query.has("limit") ? readMandatory(query, "limit", INT_BITS) : defaults.limit;
  if (endTs <= 0) throw new ParameterError("endTs <= 0");
  if (limit <= 0) throw new ParameterError("limit <= 0");
  if (lookback <= 0) throw new ParameterError("lookback <= 0");
  if (minDuration !== undefined) {
    if (minDuration <= 0) throw new ParameterError("minDuration <= 0");
    if (maxDuration !== undefined && maxDuration < minDuration) {
      throw new ParameterError("maxDuration < minDuration");
    }
  } else if (maxDuration !== undefined) {
    throw new ParameterError("maxDuration is only valid with minDuration");
  }
  return {
    serviceName: readName(query, "serviceName"),
    remoteServiceName: readName(query, "remoteServiceName"),
    spanName: readSpanName(query),
    annotationQuery: parseAnnotationQuery(query.get("annotationQuery") ?? ""),
    minDuration,
    maxDuration,
    endTs,
    lookback,
    limit,
  };
}

export interface Window {
  /** Milliseconds. */
  readonly endTs: number;
  readonly lookback: number;
}

export function readWindow(query: URLSearchParams, defaultLookback: number): Window {
  readRequired(query, "endTs");
  const endTs = readMandatory(query, "endTs", LONG_BITS);
  const lookback = readLong(query, "lookback") ?? defaultLookback;
  if (endTs <= 0) throw new ParameterError("endTs <= 0");
  if (lookback <= 0) throw new ParameterError("lookback <= 0");
  return { endTs, lookback };
}

export function readRequired(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value === null) {
    throw new ParameterError(`Mandatory parameter/header/attribute is missing: ${name}`);
  }
  return value;
}

/** 64 bits; beyond 2^53 rounded, which no time or duration reaches. Nothing behind the equals sign is none. */
export function readLong(query: URLSearchParams, name: string): number | undefined {
  return readInteger(query, name, LONG_BITS);
}

export function readInt(query: URLSearchParams, name: string): number | undefined {
  return readInteger(query, name, INT_BITS);
}

function readInteger(query: URLSearchParams, name: string, bits: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  const value = parseInteger(text);
  if (value === undefined || value !== BigInt.asIntN(bits, value)) {
    throw new ParameterError(`For input string: "${text}"`);
  }
  return Number(value);
}

/** Of what was given, if only its name. */
function readMandatory(query: URLSearchParams, name: string, bits: number): number {
  const value = readInteger(query, name, bits);
  if (value === undefined) {
    throw new ParameterError(`Cannot set null to primitive type parameter: ${name}`);
  }
  return value;
}

function readName(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name)?.toLowerCase();
  return value === "" ? undefined : value;
}

/** "all" is what the old UI sent for any. */
function readSpanName(query: URLSearchParams): string | undefined {
  const name = readName(query, "spanName");
  return name === "all" ? undefined : name;
}
