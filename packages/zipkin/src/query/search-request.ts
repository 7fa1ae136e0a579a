import { trimLikeJava } from "../model/java-text.ts";

/** What `/api/v2/traces` is asked for. Names are lower case; absent means any. */
export interface SearchRequest {
  readonly serviceName?: string | undefined;
  readonly remoteServiceName?: string | undefined;
  readonly spanName?: string | undefined;
  /** Tag key or annotation text -> "" ; tag key -> exact value. */
  readonly annotationQuery: ReadonlyMap<string, string>;
  /** Microseconds, both inclusive. */
  readonly minDuration?: number | undefined;
  readonly maxDuration?: number | undefined;
  /** Milliseconds since the epoch, inclusive. */
  readonly endTs: number;
  /** Milliseconds. */
  readonly lookback: number;
  readonly limit: number;
}

/**
 * Conditions joined by " and "; the first `=` of each splits key from value.
 * A later value for a key replaces an earlier one; a bare key never replaces a value.
 */
export function parseAnnotationQuery(text: string): ReadonlyMap<string, string> {
  const conditions = new Map<string, string>();
  if (text === "") return conditions;
  for (const part of splitAtMost(text, " and ", 100)) {
    const at = part.indexOf("=");
    const key = trimLikeJava(at < 0 ? part : part.slice(0, at));
    if (at >= 0) conditions.set(key, trimLikeJava(part.slice(at + 1)));
    else if (!conditions.has(key)) conditions.set(key, "");
  }
  return conditions;
}

/** The last part keeps whatever separators are left. */
export function splitAtMost(text: string, separator: string, parts: number): string[] {
  const all = text.split(separator);
  if (all.length <= parts) return all;
  return [...all.slice(0, parts - 1), all.slice(parts - 1).join(separator)];
}
