/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto#extensions-filters-network-http-connection-manager-v3-localreplyconfig */
import type { AccessLogFilter } from "./access-log.ts";
import type { DataSource } from "./data-source.ts";
import type { HeaderValueOption } from "./header-value-option.ts";
import type { SubstitutionFormatString } from "./substitution-format.ts";

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
