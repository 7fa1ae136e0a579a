/** Formats with command operators. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/substitution_format_string.proto */

import type { DataSource } from "./data-source.ts";
import { dataSource } from "./data-source.ts";
import type { Decoder } from "./decode/decoder.ts";
import { flag, optional } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { string } from "./decode/scalars.ts";
import { struct } from "./decode/struct.ts";
import type { Struct } from "./extension.ts";

/** Exactly one of the three formats is present. */
export interface SubstitutionFormatString {
  readonly textFormat?: string;
  readonly textFormatSource?: DataSource;
  readonly jsonFormat?: Struct;
  readonly omitEmptyValues: boolean;
  readonly contentType?: string;
}

export const substitutionFormatString: Decoder<SubstitutionFormatString> =
  message<SubstitutionFormatString>(
    "envoy.config.core.v3.SubstitutionFormatString",
    {
      textFormat: optional(string()),
      textFormatSource: optional(dataSource),
      jsonFormat: optional(struct()),
      omitEmptyValues: flag(),
      contentType: optional(string({ header: "value" })),
    },
    {
      oneofs: [
        {
          name: "format",
          fields: ["text_format", "text_format_source", "json_format"],
          required: true,
        },
      ],
      accepted: {
        json_format_options: "its one option sorts the keys, which Envoy 1.40 does in any case",
      },
      unsupported: { formatters: "formatter extensions" },
    },
  );
