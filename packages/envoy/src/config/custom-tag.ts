/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/tracing/v3/custom_tag.proto */
import type { Decoder } from "./decode/decoder.ts";
import { optional, required } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { string } from "./decode/scalars.ts";
import type { MetadataKey, MetadataKind } from "./metadata.ts";
import { metadataKey, metadataKind } from "./metadata.ts";

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

const name = "envoy.type.tracing.v3.CustomTag";

const environment = message<NonNullable<CustomTag["environment"]>>(`${name}.Environment`, {
  name: required(string({ minLen: 1 })),
  defaultValue: optional(string()),
});

const header = message<NonNullable<CustomTag["requestHeader"]>>(`${name}.Header`, {
  name: required(string({ minLen: 1, header: "name" })),
  defaultValue: optional(string()),
});

const metadata = message<NonNullable<CustomTag["metadata"]>>(`${name}.Metadata`, {
  kind: optional(metadataKind),
  metadataKey: optional(metadataKey),
  defaultValue: optional(string()),
});

export const customTag: Decoder<CustomTag> = message<CustomTag>(
  name,
  {
    tag: required(string({ minLen: 1 })),
    literal: optional(
      message<{ readonly value: string }>(`${name}.Literal`, {
        value: required(string({ minLen: 1 })),
      }),
    ),
    environment: optional(environment),
    requestHeader: optional(header),
    metadata: optional(metadata),
    value: optional(string()),
  },
  {
    oneofs: [
      {
        name: "type",
        fields: ["literal", "environment", "request_header", "metadata", "value"],
        required: true,
      },
    ],
  },
);
