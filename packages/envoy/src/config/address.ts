/** Where something listens or answers. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/address.proto */

import type { Decoder } from "./decode/decoder.ts";
import { enumeration } from "./decode/enumeration.ts";
import { optional, required, withDefault } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { string, uint32 } from "./decode/scalars.ts";

/** A socket address; `address` is an IP literal for listeners, an IP literal or a host name for endpoints. */
export interface Address {
  readonly address: string;
  readonly portValue: number;
  /** Absent: TCP. */
  readonly protocol?: "UDP";
}

/** A range such as 10.0.0.0/8; both families. */
export interface CidrRange {
  readonly addressPrefix: string;
  readonly prefixLen: number;
}

interface SocketAddress extends Omit<Address, "protocol"> {
  readonly protocol?: "TCP" | "UDP";
}

const socketAddress: Decoder<SocketAddress> = message<SocketAddress>(
  "envoy.config.core.v3.SocketAddress",
  {
    address: required(string({ minLen: 1 })),
    portValue: withDefault(uint32({ lte: 65535 }), 0),
    protocol: optional(
      enumeration<"TCP" | "UDP">("envoy.config.core.v3.SocketAddress.Protocol", {
        TCP: 0,
        UDP: 1,
      }),
    ),
  },
  {
    accepted: { ipv4_compat: "Node binds IPv6 wildcards for both families anyway" },
    unsupported: {
      named_port: "named ports",
      resolver_name: "custom address resolvers",
      network_namespace_filepath: "network namespaces",
    },
    oneofs: [{ name: "port_specifier", fields: ["port_value"], required: true }],
  },
);

const wrapper: Decoder<{ readonly socketAddress?: SocketAddress }> = message<{
  readonly socketAddress?: SocketAddress;
}>(
  "envoy.config.core.v3.Address",
  { socketAddress: optional(socketAddress) },
  {
    oneofs: [{ name: "address", fields: ["socket_address"], required: true }],
    unsupported: { pipe: "Unix domain sockets", envoy_internal_address: "internal listeners" },
  },
);

/** envoy.config.core.v3.Address, which for us is always a socket address. */
export const address: Decoder<Address> = {
  ...wrapper,
  decode(node, at) {
    const decoded = wrapper.decode(node, at);
    if (decoded?.socketAddress === undefined) return undefined;
    const { address, portValue, protocol } = decoded.socketAddress;
    const value: Address = {
      address,
      portValue,
      ...(protocol === "UDP" ? { protocol } : {}),
    };
    at.report.origins.set(value, { node, scope: at });
    return value;
  },
};

export const cidrRange: Decoder<CidrRange> = message<CidrRange>("envoy.config.core.v3.CidrRange", {
  addressPrefix: required(string({ minLen: 1 })),
  prefixLen: withDefault(uint32({ lte: 128 }), 0),
});
