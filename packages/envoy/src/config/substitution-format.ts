/** Formats with command operators. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/substitution_format_string.proto */
import type { DataSource } from "./data-source.ts";
import type { Struct } from "./extension.ts";

/** Exactly one of the three formats is present. */
export interface SubstitutionFormatString {
  readonly textFormat?: string;
  readonly textFormatSource?: DataSource;
  readonly jsonFormat?: Struct;
  readonly omitEmptyValues: boolean;
  readonly contentType?: string;
}
