/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-metadata */
import type { Decoder } from "./decode/decoder.ts";
import { map, optional, repeated, required } from "./decode/field.ts";
import { empty, message } from "./decode/message.ts";
import { string } from "./decode/scalars.ts";
import { struct } from "./decode/struct.ts";
import type { Empty, Struct } from "./extension.ts";

/** Free values by namespace. */
export interface Metadata {
  readonly filterMetadata: Readonly<Record<string, Struct>>;
}

/** The namespace and the path of keys inside it. */
export interface MetadataKey {
  readonly key: string;
  readonly path: readonly { readonly key: string }[];
}

/** Whose metadata; absent means the request's. */
export interface MetadataKind {
  readonly request?: Empty;
  readonly route?: Empty;
  readonly cluster?: Empty;
  readonly host?: Empty;
}

export const metadata: Decoder<Metadata> = message<Metadata>(
  "envoy.config.core.v3.Metadata",
  { filterMetadata: map(struct()) },
  { unsupported: { typed_filter_metadata: "typed metadata" } },
);

const pathSegment: Decoder<{ readonly key: string }> = message<{ readonly key: string }>(
  "envoy.type.metadata.v3.MetadataKey.PathSegment",
  { key: required(string({ minLen: 1 })) },
);

export const metadataKey: Decoder<MetadataKey> = message<MetadataKey>(
  "envoy.type.metadata.v3.MetadataKey",
  { key: required(string({ minLen: 1 })), path: repeated(pathSegment, { minItems: 1 }) },
);

const kind = "envoy.type.metadata.v3.MetadataKind";

export const metadataKind: Decoder<MetadataKind> = message<MetadataKind>(
  kind,
  {
    request: optional(empty(`${kind}.Request`)),
    route: optional(empty(`${kind}.Route`)),
    cluster: optional(empty(`${kind}.Cluster`)),
    host: optional(empty(`${kind}.Host`)),
  },
  { oneofs: [{ name: "kind", fields: ["request", "route", "cluster", "host"], required: true }] },
);
