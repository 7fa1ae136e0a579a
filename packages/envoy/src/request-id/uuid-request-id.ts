/**
 * x-request-id as Envoy's UUID extension handles it: the 15th character (a UUID's version) tells the next hop why the request is traced.
 * https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/request_id/uuid/v3/uuid.proto
 */
import type { UuidRequestIdConfig } from "../config/request-id.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { RandomIds } from "../tracing/random-ids.ts";
import { parseUnsignedHex } from "../tracing/unsigned-hex.ts";

const header = "x-request-id";
const uuidLength = 36;
const reasonPosition = 14;
const plainHex = /^[0-9a-f]{8}$/;

/** Why a request is traced, as far as an id can say it. */
export type PackedReason = "not-traceable" | "sampling" | "service-forced" | "client-forced";

const marks = {
  "not-traceable": "4",
  sampling: "9",
  "service-forced": "a",
  "client-forced": "b",
} as const;

export interface RequestIdExtension {
  /** False: every request counts as sampled, whatever the shares say. */
  readonly useForTraceSampling: boolean;
  /**
   * Gives a request without an id one. An edge request (a client outside) gets a new id unless the caller's is to be preserved; then the
   * reason in it does not count.
   */
  ensure(headers: HeaderMap, edge: boolean, preserveExternal: boolean): void;
  /** The number that sampling goes by; undefined when there is none. Ids that merely start with eight hex digits have one. */
  integer(headers: HeaderMap): number | undefined;
  reason(headers: HeaderMap): PackedReason;
  setReason(headers: HeaderMap, reason: PackedReason): void;
}

export function createUuidRequestId(
  config: UuidRequestIdConfig | undefined,
  ids: RandomIds,
): RequestIdExtension {
  const packTraceReason = config?.packTraceReason ?? true;

  function setReason(headers: HeaderMap, reason: PackedReason): void {
    if (!packTraceReason) return;
    const id = headers.get(header);
    if (id === undefined || id.length !== uuidLength) return;
    const mark = marks[reason];
    if (id[reasonPosition] === mark) return;
    headers.set(header, id.slice(0, reasonPosition) + mark + id.slice(reasonPosition + 1));
  }

  return {
    useForTraceSampling: config?.useRequestIdForTraceSampling ?? true,
    setReason,
    ensure(headers, edge, preserveExternal) {
      const present = (headers.get(header) ?? "") !== "";
      if (!present || (edge && !preserveExternal)) headers.set(header, ids.uuid());
      else if (edge) setReason(headers, "not-traceable");
    },
    integer(headers) {
      const id = headers.get(header);
      if (id === undefined || id.length < 8) return undefined;
      const digits = id.slice(0, 8);
      if (plainHex.test(digits)) return Number.parseInt(digits, 16);
      const hex = parseUnsignedHex(digits);
      return hex === undefined ? undefined : Number.parseInt(hex, 16);
    },
    reason(headers) {
      const id = headers.get(header);
      return id === undefined || !packTraceReason ? "not-traceable" : readReason(id);
    },
  };
}

function readReason(id: string): PackedReason {
  if (id.length !== uuidLength) return "not-traceable";
  switch (id[reasonPosition]) {
    case "9":
      return "sampling";
    case "a":
      return "service-forced";
    case "b":
      return "client-forced";
    default:
      return "not-traceable";
  }
}
