/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-datasource */
import type { Decoder } from "./decode/decoder.ts";
import { optional } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { bytes, string } from "./decode/scalars.ts";

/** Exactly one is present. */
export interface DataSource {
  readonly filename?: string;
  readonly inlineBytes?: Uint8Array;
  readonly inlineString?: string;
  readonly environmentVariable?: string;
}

export const dataSource: Decoder<DataSource> = message<DataSource>(
  "envoy.config.core.v3.DataSource",
  {
    filename: optional(string({ minLen: 1 })),
    inlineBytes: optional(bytes()),
    inlineString: optional(string()),
    environmentVariable: optional(string({ minLen: 1 })),
  },
  {
    oneofs: [
      {
        name: "specifier",
        fields: ["filename", "inline_bytes", "inline_string", "environment_variable"],
        required: true,
      },
    ],
    unsupported: { watched_directory: "watched directories" },
  },
);
