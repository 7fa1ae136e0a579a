// https://www.w3.org/TR/trace-context-2/#tracestate-header
export const TRACESTATE = "tracestate";

const MAX_MEMBERS = 32;
const KEY = /^[a-z0-9][a-z0-9_\-*/@]{0,255}$/;
/** Up to 256 printable characters without comma and equals sign, the last not a space. */
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/**
 * Combines the `tracestate` headers of one request; undefined when there is nothing to send on. One
 * malformed member spoils the list, never the `traceparent` beside it.
 */
export function parseTracestate(values: readonly string[]): string | undefined {
  const members = values
    .flatMap((value) => value.split(","))
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ""))
    .filter((member) => member !== "");
  if (members.length === 0 || members.length > MAX_MEMBERS) return undefined;
  return members.every(isMember) ? members.join(",") : undefined;
}

function isMember(member: string): boolean {
  const equals = member.indexOf("=");
  return KEY.test(member.slice(0, Math.max(equals, 0))) && VALUE.test(member.slice(equals + 1));
}
