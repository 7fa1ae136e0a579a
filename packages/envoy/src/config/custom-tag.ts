/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/tracing/v3/custom_tag.proto */
import type { MetadataKey, MetadataKind } from "./metadata.ts";

/** A span tag; one source is present. */
export interface CustomTag {
  readonly tag: string;
  readonly literal?: { readonly value: string };
  readonly environment?: { readonly name: string; readonly defaultValue?: string };
  readonly requestHeader?: { readonly name: string; readonly defaultValue?: string };
  readonly metadata?: {
    readonly kind?: MetadataKind;
    readonly metadataKey?: MetadataKey;
    readonly defaultValue?: string;
  };
  /** A format string. */
  readonly value?: string;
}
