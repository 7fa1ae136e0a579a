import { type ResponseFlag, responseFlags } from "../http/stream-info.ts";

/** `UF,URX` in Envoy's order; undefined when there is none. */
export function responseFlagsText(flags: ReadonlySet<ResponseFlag>): string | undefined {
  if (flags.size === 0) return undefined;
  if (flags.size === 1) {
    const [only] = flags;
    return only;
  }
  return responseFlags.filter((flag) => flags.has(flag)).join(",");
}
