/** Who this proxy is. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-node */
import type { Decoder } from "./decode/decoder.ts";
import { optional } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { string } from "./decode/scalars.ts";
import { struct } from "./decode/struct.ts";
import type { Locality } from "./endpoint.ts";
import { locality } from "./endpoint.ts";
import type { Struct } from "./extension.ts";

/** The command line's --service-node and --service-cluster win over the file. */
export interface Node {
  readonly id?: string;
  readonly cluster?: string;
  readonly metadata?: Struct;
  readonly locality?: Locality;
}

const forControlPlanes = "tells control planes who asks; there is none here";

export const node: Decoder<Node> = message<Node>(
  "envoy.config.core.v3.Node",
  {
    id: optional(string()),
    cluster: optional(string()),
    metadata: optional(struct()),
    locality: optional(locality),
  },
  {
    accepted: {
      dynamic_parameters: forControlPlanes,
      user_agent_name: forControlPlanes,
      user_agent_version: forControlPlanes,
      user_agent_build_version: forControlPlanes,
      extensions: forControlPlanes,
      client_features: forControlPlanes,
      listening_addresses: forControlPlanes,
    },
  },
);
