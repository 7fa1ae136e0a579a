/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto#extensions-filters-network-http-connection-manager-v3-localreplyconfig */

import type { AccessLogFilter } from "./access-log-filter.ts";
import { accessLogFilter } from "./access-log-filter.ts";
import type { DataSource } from "./data-source.ts";
import { dataSource } from "./data-source.ts";
import type { Decoder } from "./decode/decoder.ts";
import { optional, repeated, required } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { uint32 } from "./decode/scalars.ts";
import type { HeaderValueOption } from "./header-value-option.ts";
import { headerValueOption } from "./header-value-option.ts";
import type { SubstitutionFormatString } from "./substitution-format.ts";
import { substitutionFormatString } from "./substitution-format.ts";

export interface LocalReplyConfig {
  readonly mappers: readonly ResponseMapper[];
  readonly bodyFormat?: SubstitutionFormatString;
}

/** The first whose filter matches changes the reply. */
export interface ResponseMapper {
  readonly filter: AccessLogFilter;
  readonly statusCode?: number;
  readonly body?: DataSource;
  readonly bodyFormatOverride?: SubstitutionFormatString;
  readonly headersToAdd: readonly HeaderValueOption[];
}

const manager = "envoy.extensions.filters.network.http_connection_manager.v3";

const responseMapper: Decoder<ResponseMapper> = message<ResponseMapper>(
  `${manager}.ResponseMapper`,
  {
    filter: required(accessLogFilter),
    statusCode: optional(uint32({ gte: 200, lt: 600 })),
    body: optional(dataSource),
    bodyFormatOverride: optional(substitutionFormatString),
    headersToAdd: repeated(headerValueOption, { maxItems: 1000 }),
  },
);

export const localReplyConfig: Decoder<LocalReplyConfig> = message<LocalReplyConfig>(
  `${manager}.LocalReplyConfig`,
  { mappers: repeated(responseMapper), bodyFormat: optional(substitutionFormatString) },
);
