import { type Extracted, isSpanId, isTraceId, type Sampling } from "../trace-context.ts";

// https://github.com/openzipkin/b3-propagation#single-header
// {trace}-{span}[-{0|1|d}[-{parent}]], a decision alone, or {trace}-{span}-{parent} (accepted by Brave).
export const B3 = "b3";

/** 32 + 1 + 16 + "-d-" + 16 characters: anything longer is not a b3 value. */
const MAX_LENGTH = 68;

const DECISIONS: Readonly<Record<string, Exclude<Sampling, "unset">>> = {
  "0": "not-sampled",
  "1": "sampled",
  d: "debug",
};

/** Parses a `b3` header; undefined when the value is malformed. */
export function parseB3Single(value: string): Extracted | undefined {
  if (value.length > MAX_LENGTH) return undefined;
  if (value.length === 1) {
    const sampling = decision(value);
    return sampling && { kind: "sampling-only", sampling };
  }
  const [traceId = "", spanId = "", third, fourth, ...rest] = value.split("-");
  if (rest.length > 0 || !isTraceId(traceId) || !isSpanId(spanId)) return undefined;
  const base = { traceId, spanId, shared: false };
  if (third === undefined) return { kind: "context", context: { ...base, sampling: "unset" } };

  const sampling = decision(third);
  if (sampling === undefined) {
    if (fourth !== undefined || !isSpanId(third)) return undefined;
    return { kind: "context", context: { ...base, parentId: third, sampling: "unset" } };
  }
  if (fourth === undefined) return { kind: "context", context: { ...base, sampling } };
  if (!isSpanId(fourth)) return undefined;
  return { kind: "context", context: { ...base, parentId: fourth, sampling } };
}

/** Writes a `b3` header; undefined when there is nothing to say. */
export function writeB3Single(extracted: Extracted): string | undefined {
  if (extracted.kind === "empty") return undefined;
  if (extracted.kind === "sampling-only") return letter(extracted.sampling);
  const { traceId, spanId, parentId, sampling } = extracted.context;
  return [traceId, spanId, letter(sampling), parentId]
    .filter((field) => field !== undefined)
    .join("-");
}

function decision(value: string): Exclude<Sampling, "unset"> | undefined {
  return Object.hasOwn(DECISIONS, value) ? DECISIONS[value] : undefined;
}

function letter(sampling: Sampling): string | undefined {
  switch (sampling) {
    case "unset":
      return undefined;
    case "not-sampled":
      return "0";
    case "sampled":
      return "1";
    case "debug":
      return "d";
  }
}
