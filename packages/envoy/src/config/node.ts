/** Who this proxy is. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-node */
import type { Locality } from "./endpoint.ts";
import type { Struct } from "./extension.ts";

/** The command line's --service-node and --service-cluster win over the file. */
export interface Node {
  readonly id?: string;
  readonly cluster?: string;
  readonly metadata?: Struct;
  readonly locality?: Locality;
}
