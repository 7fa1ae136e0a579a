/** Parts of a configuration in JSON. */

export type Json = Readonly<Record<string, unknown>>;

export const type = (name: string): string => `type.googleapis.com/envoy.${name}`;

export const tlsType = "extensions.transport_sockets.tls.v3";

export function address(port: number, protocol: "TCP" | "UDP" = "TCP"): Json {
  return { socket_address: { address: "127.0.0.1", port_value: port, protocol } };
}
