import type { HeaderMap } from "../../http/header-map.ts";
import { writeTraceparent } from "../traceparent.ts";
import type { SpanContext } from "./span-context.ts";

export interface Injection {
  /** The caller sent the single `b3` header: answer in kind and leave any `x-b3-*` beside it alone. */
  readonly single: boolean;
  readonly traceparent: boolean;
}

/** Headers that are there already move to the end. Without a parent, a parent header that came in stays as it is. */
export function injectB3(
  headers: HeaderMap,
  context: SpanContext,
  sampled: boolean,
  injection: Injection,
): void {
  const { traceId, id, parentId } = context;
  const state = sampled ? "1" : "0";
  if (injection.single) {
    const parent = parentId === undefined ? "" : `-${parentId}`;
    replace(headers, "b3", `${traceId}-${id}-${state}${parent}`);
  } else {
    replace(headers, "x-b3-traceid", traceId);
    replace(headers, "x-b3-spanid", id);
    if (parentId !== undefined) replace(headers, "x-b3-parentspanid", parentId);
    replace(headers, "x-b3-sampled", state);
  }
  if (injection.traceparent)
    replace(headers, "traceparent", writeTraceparent(traceId, id, sampled));
}

function replace(headers: HeaderMap, name: string, value: string): void {
  headers.remove(name);
  headers.add(name, value);
}
