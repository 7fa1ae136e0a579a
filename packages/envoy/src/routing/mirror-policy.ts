/** Which requests another cluster gets a copy of. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction-requestmirrorpolicy */
import type { RequestMirrorPolicy } from "../config/route-action.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { Runtime } from "../runtime/runtime.ts";

export interface MirrorPolicy {
  /** `random` is the stream's: fractions of one request agree. */
  applies(random: number): boolean;
  /** Undefined: the header that should name it is missing or empty. */
  clusterOf(headers: HeaderMap): string | undefined;
  /** Undefined: as the request itself. */
  readonly traceSampled: boolean | undefined;
  /** The copy's Host is marked, so that logs tell the two apart. */
  readonly marksHost: boolean;
}

export function compileMirrorPolicy(policy: RequestMirrorPolicy, runtime: Runtime): MirrorPolicy {
  const { cluster = "", runtimeFraction } = policy;
  const header = (policy.clusterHeader ?? "").toLowerCase();
  return {
    applies: (random) =>
      runtimeFraction === undefined || runtime.isEnabled(runtimeFraction, random),
    clusterOf: (headers) => (cluster !== "" ? cluster : headers.get(header) || undefined),
    traceSampled: policy.traceSampled,
    marksHost: !policy.disableShadowHostSuffixAppend,
  };
}
