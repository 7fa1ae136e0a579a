/**
 * How Envoy's `typed_config` (google.protobuf.Any) arrives after decoding. `config.type` is the last part of the type URL and tells the
 * union's members apart. https://www.envoyproxy.io/docs/envoy/latest/configuration/overview/extension
 */

/** An extension instance: its name in the file, the type URL and the decoded message. */
export interface TypedExtension<Config> {
  readonly name: string;
  readonly typeUrl: string;
  readonly config: Config;
}

/** A message whose presence is all it says, such as `metadata.kind.route: {}`. */
export type Empty = Readonly<Record<string, never>>;

/** google.protobuf.Struct as the plain value it stands for. */
export type Struct = Readonly<Record<string, unknown>>;
