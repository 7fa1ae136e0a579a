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

const INT_MAX = 2 ** 31 - 1;
const LONG_MAX = 2n ** 63n - 1n;

export function readSearchRequest(query: URLSearchParams, defaults: SearchDefaults): SearchRequest {
  const minDuration = readLong(query, "minDuration");
  const maxDuration = readLong(query, "maxDuration");
  const endTs = readLong(query, "endTs") ?? defaults.endTs;
  const lookback = readLong(query, "lookback") ?? defaults.lookback;
  const limit = readInt(query, "limit") ?? defaults.limit;
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
  const endTs = readLong(query, "endTs") ?? 0;
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

/** 64 bits; beyond 2^53 rounded, which no time or duration reaches. */
export function readLong(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^[+-]?\d{1,19}$/.test(text)) throw notANumber(text);
  const value = BigInt(text.startsWith("+") ? text.slice(1) : text);
  if (value > LONG_MAX || value < -LONG_MAX - 1n) throw notANumber(text);
  return Number(value);
}

export function readInt(query: URLSearchParams, name: string): number | undefined {
  const value = readLong(query, name);
  if (value !== undefined && (value > INT_MAX || value < -INT_MAX - 1)) {
    throw notANumber(query.get(name) ?? "");
  }
  return value;
}

function notANumber(text: string): ParameterError {
  return new ParameterError(`For input string: ${JSON.stringify(text.slice(0, 100))}`);
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
