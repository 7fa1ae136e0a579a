import type { Getter, Setter } from "../carrier.ts";

/**
 * The first value of a header. Headers joins repeats with ", " and keeps no boundary; no trace header
 * but tracestate and baggage holds a comma of its own, so the cut is safe for all others.
 */
export const fetchHeadersGetter: Getter<Headers> = (headers, name) => {
  const value = headers.get(name);
  if (value === null) return undefined;
  if (name === "tracestate" || name === "baggage") return value;
  return value.split(",", 1)[0]?.trim();
};

export const fetchHeadersSetter: Setter<Headers> = (headers, name, value) => {
  headers.set(name, value);
};
