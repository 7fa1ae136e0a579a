/** Which connections a filter chain is for. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#config-listener-v3-filterchainmatch */
import type { CidrRange } from "./address.ts";
import { cidrRange } from "./address.ts";
import type { Decoder } from "./decode/decoder.ts";
import { enumeration } from "./decode/enumeration.ts";
import { optional, repeated } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { string, uint32 } from "./decode/scalars.ts";

export type ConnectionSourceType = "ANY" | "SAME_IP_OR_LOOPBACK" | "EXTERNAL";

/** All that is said has to hold; of a list, one element. */
export interface FilterChainMatch {
  readonly destinationPort?: number;
  readonly prefixRanges: readonly CidrRange[];
  /** Exact, or `*.example.com`. */
  readonly serverNames: readonly string[];
  /** `tls` or `raw_buffer`. */
  readonly transportProtocol?: string;
  /** `h2`, `http/1.1`, ... */
  readonly applicationProtocols: readonly string[];
  readonly directSourcePrefixRanges: readonly CidrRange[];
  readonly sourceType?: ConnectionSourceType;
  readonly sourcePrefixRanges: readonly CidrRange[];
  readonly sourcePorts: readonly number[];
}

const name = "envoy.config.listener.v3.FilterChainMatch";

export const filterChainMatch: Decoder<FilterChainMatch> = message<FilterChainMatch>(
  name,
  {
    destinationPort: optional(uint32({ gte: 1, lte: 65535 })),
    prefixRanges: repeated(cidrRange),
    serverNames: repeated(string()),
    transportProtocol: optional(string()),
    applicationProtocols: repeated(string()),
    directSourcePrefixRanges: repeated(cidrRange),
    sourceType: optional(
      enumeration<ConnectionSourceType>(`${name}.ConnectionSourceType`, {
        ANY: 0,
        SAME_IP_OR_LOOPBACK: 1,
        EXTERNAL: 2,
      }),
    ),
    sourcePrefixRanges: repeated(cidrRange),
    sourcePorts: repeated(uint32({ gte: 1, lte: 65535 })),
  },
  {
    unsupported: {
      address_suffix: "address suffixes, which Envoy has not implemented",
      suffix_len: "address suffixes, which Envoy has not implemented",
    },
  },
);
