/**
 * Reads B3 (and, where the tracer is told to, W3C) headers with Envoy's grammar, which is neither the specification's nor Brave's: see
 * RATIONALE.md. Of repeated headers the first counts. https://github.com/openzipkin/b3-propagation
 */
import type { HeaderMap } from "../../http/header-map.ts";
import { parseTraceparent } from "../traceparent.ts";
import { parseUnsignedHex } from "../unsigned-hex.ts";
import { joinTraceId, type SpanContext, zeroId } from "./span-context.ts";

export type Extracted =
  /** Ids; `sampled` is undefined where the caller left the decision open. */
  | { readonly kind: "context"; readonly context: SpanContext; readonly sampled?: boolean }
  /** No ids: a new trace, with the caller's decision if there is one. */
  | { readonly kind: "none"; readonly sampled?: boolean }
  /** Malformed: the request is not traced and its headers go on as they came. */
  | { readonly kind: "malformed" };

const malformed: Extracted = { kind: "malformed" };
const none: Extracted = { kind: "none" };

/** trace128-span-1-parent */
const maxLength = 32 + 1 + 16 + 3 + 16;
/** trace64-span */
const minLength = 16 + 1 + 16;

export function extractB3(headers: HeaderMap, w3cFallback: boolean): Extracted {
  const single = headers.get("b3");
  if (single !== undefined) return extractSingle(single);
  const multi = extractMulti(headers);
  if (!w3cFallback || multi.kind === "malformed") return multi;
  return withTraceparent(multi, headers);
}

function extractMulti(headers: HeaderMap): Extracted {
  const sampledHeader = headers.get("x-b3-sampled");
  const sampled =
    sampledHeader === undefined ? undefined : sampledHeader === "1" || sampledHeader === "true";
  const trace = headers.get("x-b3-traceid");
  const span = headers.get("x-b3-spanid");
  // One id alone says nothing: a new trace, yet the decision counts.
  if (trace === undefined || span === undefined) return decided(none, sampled);
  const traceId =
    trace.length === 32
      ? parseWideId(trace.slice(0, 16), trace.slice(16))
      : parseUnsignedHex(trace);
  const id = parseUnsignedHex(span);
  const parent = headers.get("x-b3-parentspanid") ?? "";
  const parentId = parent === "" ? zeroId : parseUnsignedHex(parent);
  if (traceId === undefined || id === undefined || parentId === undefined) return malformed;
  return decided(found(traceId, id, parentId), sampled);
}

/**
 * USE_B3_WITH_W3C_PROPAGATION: traceparent stands in for missing ids, and then one "sampled" is enough, its flag or an x-b3-sampled; with
 * B3 ids it fills in a missing decision. A malformed one is as none.
 */
function withTraceparent(
  b3: Exclude<Extracted, { kind: "malformed" }>,
  headers: HeaderMap,
): Extracted {
  if (b3.kind === "context" && b3.sampled !== undefined) return b3;
  const header = headers.get("traceparent");
  const traceparent = header === undefined ? undefined : parseTraceparent(header);
  if (traceparent === undefined) return b3;
  const { sampled } = traceparent;
  if (b3.kind === "context") return decided(b3, sampled);
  const { traceId, parentId } = traceparent;
  return decided(
    found(joinTraceId(traceId.slice(0, 16), traceId.slice(16)), parentId, zeroId),
    sampled || b3.sampled === true,
  );
}

function extractSingle(b3: string): Extracted {
  if (b3.length === 1) return isState(b3) ? { kind: "none", sampled: b3 !== "0" } : malformed;
  if (b3.length < minLength || b3.length > maxLength) return malformed;
  const wide = b3[32] === "-";
  const traceId = wide
    ? parseWideId(b3.slice(0, 16), b3.slice(16, 32))
    : parseUnsignedHex(b3.slice(0, 16));
  let at = wide ? 32 : 16;
  if (traceId === undefined || b3[at] !== "-") return malformed;
  const id = parseUnsignedHex(b3.slice(at + 1, at + 17));
  if (id === undefined) return malformed;
  at += 17;
  if (b3.length <= at) return decided(found(traceId, id, zeroId), stateAtKnownPlace(b3));
  // What follows is "-" state, and after it perhaps "-" parent; a parent without a state is refused.
  if (b3[at] !== "-" || !isState(b3[at + 1])) return malformed;
  if (b3.length !== at + 2 && b3[at + 2] !== "-") return malformed;
  const sampled = b3[at + 1] !== "0";
  at += 2;
  if (b3.length === at) return decided(found(traceId, id, zeroId), sampled);
  if (b3.length !== at + 17) return malformed;
  const parentId = parseUnsignedHex(b3.slice(at + 1));
  return parentId === undefined ? malformed : decided(found(traceId, id, parentId), sampled);
}

/**
 * Envoy looks for the state by the header's length alone, so a span id cut short to end where a state would stand ("…-0", "…-1") decides
 * with its last digit.
 */
function stateAtKnownPlace(b3: string): boolean | undefined {
  const last = b3.length === 35 ? b3[34] : undefined;
  return isState(last) ? last !== "0" : undefined;
}

function isState(char: string | undefined): boolean {
  return char === "0" || char === "1" || char === "d";
}

function parseWideId(high: string, low: string): string | undefined {
  const highId = parseUnsignedHex(high);
  const lowId = parseUnsignedHex(low);
  return highId === undefined || lowId === undefined ? undefined : joinTraceId(highId, lowId);
}

function found(traceId: string, id: string, parentId: string): Extracted & { kind: "context" } {
  const parent = parentId === zeroId ? undefined : parentId;
  return { kind: "context", context: { traceId, id, parentId: parent } };
}

function decided<E extends Extracted>(extracted: E, sampled: boolean | undefined): E {
  return sampled === undefined ? extracted : { ...extracted, sampled };
}
