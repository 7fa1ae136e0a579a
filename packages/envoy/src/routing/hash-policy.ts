/** What consistent hashing goes by. */
import type { HashPolicy } from "../config/hash-policy.ts";
import type { HeaderMap } from "../http/header-map.ts";
import { hashText } from "../upstream/hash.ts";
import { requestHeaderName } from "./header-name.ts";
import { parseQuery } from "./query-parameters.ts";

/** Undefined: nothing to hash, any endpoint will do. */
export type HashRequest = (headers: HeaderMap, remoteAddress: string) => number | undefined;

export function compileHashPolicies(policies: readonly HashPolicy[]): HashRequest | undefined {
  if (policies.length === 0) return undefined;
  const sources = policies.map((policy) => ({ read: compileSource(policy), policy }));
  return (headers, remoteAddress) => {
    let hash: number | undefined;
    for (const { read, policy } of sources) {
      const text = read(headers, remoteAddress);
      if (text === undefined) continue;
      const own = hashText(text);
      // Several policies combine: rotate, then mix in.
      hash = hash === undefined ? own : (((hash << 1) | (hash >>> 31)) ^ own) >>> 0;
      if (policy.terminal) break;
    }
    return hash;
  };
}

type Source = (headers: HeaderMap, remoteAddress: string) => string | undefined;

function compileSource(policy: HashPolicy): Source {
  const { header, cookie, queryParameter, connectionProperties } = policy;
  if (header !== undefined) {
    const name = requestHeaderName(header.headerName);
    return (headers) => headers.get(name);
  }
  if (cookie !== undefined) return (headers) => readCookie(headers, cookie.name);
  if (queryParameter !== undefined)
    return (headers) => parseQuery(headers.get(":path") ?? "").get(queryParameter.name);
  if (connectionProperties?.sourceIp === true) return (_headers, remoteAddress) => remoteAddress;
  return () => undefined;
}

function readCookie(headers: HeaderMap, name: string): string | undefined {
  for (const line of headers.getAll("cookie")) {
    for (const pair of line.split(";")) {
      const equals = pair.indexOf("=");
      if (equals >= 0 && pair.slice(0, equals).trim() === name)
        return pair.slice(equals + 1).trim();
    }
  }
  return undefined;
}
