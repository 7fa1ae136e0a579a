import type { ResponseFlag } from "../http/stream-info.ts";

/** `URX,UF`: in the order in which they were raised, as Envoy prints them; undefined when there is none. */
export function responseFlagsText(flags: ReadonlySet<ResponseFlag>): string | undefined {
  if (flags.size === 0) return undefined;
  if (flags.size === 1) {
    const [only] = flags;
    return only;
  }
  return [...flags].join(",");
}
