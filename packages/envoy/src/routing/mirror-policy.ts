/** Which requests another cluster gets a copy of. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction-requestmirrorpolicy */
import type { RequestMirrorPolicy } from "../config/route-action.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type ChangeHeaders, compileRequestMutations } from "./header-mutations.ts";
import type { CompileFormat } from "./header-rules.ts";

export interface MirrorPolicy {
  /** `random` is the stream's: fractions of one request agree. */
  applies(random: number): boolean;
  /** Undefined: the header that should name it is missing or empty. */
  clusterOf(headers: HeaderMap): string | undefined;
  /** Undefined: as the request itself. */
  readonly traceSampled: boolean | undefined;
  /** Undefined: the request's own, marked so that logs tell the two apart. */
  readonly host: string | undefined;
  /** Without any of both the copy has the request's own. */
  readonly marksHost: boolean;
  readonly changeHeaders: ChangeHeaders;
}

export function compileMirrorPolicy(
  policy: RequestMirrorPolicy,
  runtime: Runtime,
  compileFormat: CompileFormat,
): MirrorPolicy {
  const { cluster = "", hostRewriteLiteral = "", runtimeFraction } = policy;
  const header = (policy.clusterHeader ?? "").toLowerCase();
  return {
    applies: (random) =>
      runtimeFraction === undefined || runtime.isEnabled(runtimeFraction, random),
    clusterOf: (headers) => (cluster !== "" ? cluster : headers.get(header) || undefined),
    traceSampled: policy.traceSampled,
    host: hostRewriteLiteral === "" ? undefined : hostRewriteLiteral,
    marksHost: !policy.disableShadowHostSuffixAppend,
    changeHeaders: compileRequestMutations(policy.requestHeadersMutations, compileFormat),
  };
}
