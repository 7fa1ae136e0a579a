import { writeDuration } from "../decode/scalars.ts";
import type { Fault, Percentage } from "../kinds/http-policies.ts";
import { any, type JsonObject } from "./json.ts";

export const faultFilter = "envoy.filters.http.fault";
export const faultType = "envoy.extensions.filters.http.fault.v3.HTTPFault";

/** Istio writes percentages in millionths, so that 0.0001 % can be said. */
export function millionths(percentage: Percentage | undefined): JsonObject {
  return { numerator: Math.round((percentage?.value ?? 0) * 10_000), denominator: "MILLION" };
}

/** A fault without a percentage never fires: the numerator is 0. */
export function faultConfig({ delay, abort }: Fault): JsonObject {
  return any(faultType, {
    ...(delay === undefined
      ? {}
      : {
          delay: {
            fixed_delay: writeDuration(delay.fixedDelay),
            percentage: millionths(delay.percentage),
          },
        }),
    ...(abort === undefined
      ? {}
      : {
          abort: { http_status: abort.httpStatus, percentage: millionths(abort.percentage) },
        }),
  });
}
