/** Changes requests and responses as the authorization service wants it. */
import type { HeaderMap } from "../../http/header-map.ts";
import type { Allowed, HeaderChange, HeaderChangeKind } from "./authorization.ts";

/** Whether an answer changes what routes look at. */
export function changesRequest(answer: Allowed): boolean {
  return (
    answer.requestHeaders.some(({ kind }) => kind !== "add") ||
    answer.requestHeadersToRemove.length > 0 ||
    answer.queryToSet.length > 0 ||
    answer.queryToRemove.length > 0
  );
}

export function changeRequest(headers: HeaderMap, answer: Allowed): void {
  changeHeaders(headers, answer.requestHeaders, ["set", "add", "append"]);
  for (const name of answer.requestHeadersToRemove) {
    const lower = name.toLowerCase();
    // Without these there would be no request.
    if (!lower.startsWith(":") && lower !== "host") headers.remove(lower);
  }
  const { queryToSet, queryToRemove } = answer;
  if (queryToSet.length + queryToRemove.length === 0) return;
  headers.set(":path", changeQuery(headers.get(":path") ?? "/", queryToSet, queryToRemove));
}

/** In Envoy's order: kind by kind. */
export function changeResponse(headers: HeaderMap, changes: readonly HeaderChange[]): void {
  changeHeaders(headers, changes, ["add", "set", "add-if-absent", "set-if-present"]);
}

function changeHeaders(
  headers: HeaderMap,
  changes: readonly HeaderChange[],
  kinds: readonly HeaderChangeKind[],
): void {
  for (const wanted of kinds)
    for (const change of changes) if (change.kind === wanted) changeHeader(headers, change);
}

function changeHeader(headers: HeaderMap, { kind, name, value }: HeaderChange): void {
  const present = headers.get(name);
  if (kind === "add-if-absent" && present !== undefined) return;
  if ((kind === "set-if-present" || kind === "append") && present === undefined) return;
  if (kind === "append") {
    appendToFirst(headers, name, value);
    return;
  }
  if (name.startsWith(":") || name === "host") {
    headers.set(name === "host" ? ":authority" : name, value);
    return;
  }
  // What is set leaves its place and goes to the end.
  if (kind === "set" || kind === "set-if-present") headers.remove(name);
  headers.add(name, value);
}

function appendToFirst(headers: HeaderMap, name: string, value: string): void {
  const { lines } = headers;
  for (let i = 0; i < lines.length; i += 2) {
    if (lines[i] !== name) continue;
    lines[i + 1] = `${lines[i + 1]},${value}`;
    return;
  }
}

/** Sorted by key, as Envoy writes a query it has changed. */
function changeQuery(
  path: string,
  toSet: Allowed["queryToSet"],
  toRemove: readonly string[],
): string {
  const question = path.indexOf("?");
  const query = question < 0 ? "" : path.slice(question + 1);
  const values = new Map<string, string[]>();
  for (const part of query.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const key = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? "" : part.slice(equals + 1);
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  for (const [key, value] of toSet) values.set(key, [value]);
  for (const key of toRemove) values.delete(key);
  const bare = question < 0 ? path : path.slice(0, question);
  if (values.size === 0) return bare;
  const parts = [...values.keys()]
    .sort()
    .flatMap((key) => (values.get(key) ?? []).map((value) => `${key}=${value}`));
  return `${bare}?${parts.join("&")}`;
}

/** RFC 9110: a token, and a value without NUL, CR and LF. */
export function isValidHeader(name: string, value: string): boolean {
  return /^:?[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) && !/[\0\r\n]/.test(value);
}

/** A part of a query has everything but unreserved characters percent-encoded. */
export function isValidQueryPart(text: string): boolean {
  return /^(?:[A-Za-z0-9\-._~]|%[0-9A-Fa-f]{2})*$/.test(text);
}
