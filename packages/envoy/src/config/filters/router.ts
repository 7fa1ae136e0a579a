/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/router/v3/router.proto */
import { flag } from "../decode/field.ts";
import { extension, type MessageDecoder } from "../decode/message.ts";

export interface Router {
  readonly type: "Router";
  readonly startChildSpan: boolean;
  readonly suppressEnvoyHeaders: boolean;
  readonly respectExpectedRqTimeout: boolean;
}

export const router: MessageDecoder<Router> = extension<Router>(
  "envoy.extensions.filters.http.router.v3.Router",
  "Router",
  { startChildSpan: flag(), suppressEnvoyHeaders: flag(), respectExpectedRqTimeout: flag() },
  {
    accepted: {
      dynamic_stats: "the statistics it would leave out are kept",
      suppress_grpc_request_failure_code_stats: "those statistics are not kept",
    },
    unsupported: {
      upstream_log: "upstream access logs",
      upstream_log_options: "upstream access logs",
      strict_check_headers: "strict checks of Envoy's request headers",
      upstream_http_filters: "upstream http filters",
      reject_connect_request_early_data: "CONNECT",
    },
  },
);
