/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/v3/hash_policy.proto */
import type { Decoder } from "./decode/decoder.ts";
import { optional } from "./decode/field.ts";
import { message } from "./decode/message.ts";

/** The address a connection comes from decides on its endpoint. */
export interface TcpHashPolicy {
  readonly sourceIp?: Readonly<Record<string, never>>;
}

export const tcpHashPolicy: Decoder<TcpHashPolicy> = message<TcpHashPolicy>(
  "envoy.type.v3.HashPolicy",
  { sourceIp: optional(message<Record<never, never>>("envoy.type.v3.HashPolicy.SourceIp", {})) },
  {
    oneofs: [{ name: "policy_specifier", fields: ["source_ip"], required: true }],
    unsupported: { filter_state: "hashing filter state" },
  },
);
