/** Envoy's configuration as the protobuf JSON mapping writes it, snake_case. */
export type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A typed extension: `name` and a `typed_config` of the given type. */
export function extension(name: string, type: string, config: JsonObject = {}): JsonObject {
  return { name, typed_config: any(type, config) };
}

export function any(type: string, config: JsonObject = {}): JsonObject {
  return { "@type": `type.googleapis.com/${type}`, ...config };
}

/** The field, unless the value is absent or an empty list. */
export function given<K extends string>(
  key: K,
  value: Json | undefined,
): { readonly [key: string]: Json } {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return {};
  return { [key]: value };
}

export function socketAddress(address: string, port: number): JsonObject {
  return { socket_address: { address, port_value: port } };
}
