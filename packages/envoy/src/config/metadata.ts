/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-metadata */
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
