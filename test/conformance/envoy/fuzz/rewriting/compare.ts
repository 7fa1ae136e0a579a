/** Brings what two proxies made of an exchange into forms that are equal where they behaved the same. */
import { isUtf8 } from "node:buffer";
import { normalise } from "../../rig/normalise.ts";
import type { Outcome } from "../../rig/recorded-case.ts";
import { drawnCase } from "../drawn-case.ts";
import type { Exchange } from "./exchanges.ts";
import { maskTree } from "./mask.ts";

export function comparable(yaml: string, { request, action }: Exchange, outcome: Outcome): unknown {
  const upstream = { UPSTREAM_PORT: [action] };
  const definition = drawnCase(yaml, request, { upstream, hasAccessLog: true });
  const seen = maskTree(outcome) as Outcome;
  const { spans, ...rest } = normalise(definition, seen, { strictOrder: true });
  // Spans have blanks for what is no UTF-8, in numbers that the two do not agree on (RATIONALE.md).
  return maskTree(isText(request) && isText(action) ? { ...rest, spans } : rest);
}

/** All strings in it, which are bytes, one a character, are UTF-8. */
function isText(value: unknown): boolean {
  if (typeof value === "string") return isUtf8(Buffer.from(value, "latin1"));
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(isText);
}
