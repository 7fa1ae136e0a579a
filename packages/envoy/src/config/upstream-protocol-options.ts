/** A cluster's protocol. https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/upstreams/http/v3/http_protocol_options.proto */
import type { Registry } from "./decode/any.ts";
import { optional } from "./decode/field.ts";
import { extension, message } from "./decode/message.ts";
import type {
  CommonHttpProtocolOptions,
  Http1ProtocolOptions,
  Http2ProtocolOptions,
} from "./http-protocol-options.ts";
import {
  commonHttpProtocolOptions,
  http1ProtocolOptions,
  http2ProtocolOptions,
} from "./http-protocol-options.ts";

import type { UpstreamHttpProtocolOptions } from "./upstream-http-protocol-options.ts";
import { upstreamHttpProtocolOptions } from "./upstream-http-protocol-options.ts";

/** The key in a cluster's typed_extension_protocol_options. */
export const upstreamProtocolOptionsKey = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/** Exactly one of explicitHttpConfig, useDownstreamProtocolConfig and autoConfig is present. */
export interface UpstreamProtocolOptions {
  readonly type: "HttpProtocolOptions";
  readonly commonHttpProtocolOptions?: CommonHttpProtocolOptions;
  readonly explicitHttpConfig?: ProtocolChoice;
  readonly useDownstreamProtocolConfig?: ProtocolChoice;
  /** The endpoint chooses by ALPN; needs TLS. */
  readonly autoConfig?: ProtocolChoice;
  readonly upstreamHttpProtocolOptions?: UpstreamHttpProtocolOptions;
}

/** In explicitHttpConfig one of them is present: that is the protocol. In the other they only carry options. */
export interface ProtocolChoice {
  readonly httpProtocolOptions?: Http1ProtocolOptions;
  readonly http2ProtocolOptions?: Http2ProtocolOptions;
}

const http3 = { http3_protocol_options: "HTTP/3" };

const choices = {
  httpProtocolOptions: optional(http1ProtocolOptions),
  http2ProtocolOptions: optional(http2ProtocolOptions),
};

const explicit = message<ProtocolChoice>(
  `${upstreamProtocolOptionsKey}.ExplicitHttpConfig`,
  choices,
  {
    oneofs: [
      {
        name: "protocol_config",
        fields: ["http_protocol_options", "http2_protocol_options"],
        required: true,
      },
    ],
    unsupported: http3,
  },
);

const useDownstream = message<ProtocolChoice>(
  `${upstreamProtocolOptionsKey}.UseDownstreamHttpConfig`,
  choices,
  { unsupported: http3 },
);

const auto = message<ProtocolChoice>(`${upstreamProtocolOptionsKey}.AutoHttpConfig`, choices, {
  accepted: { alternate_protocols_cache_options: "concerns HTTP/3 only" },
  unsupported: http3,
});

/** What typed_extension_protocol_options may hold. */
export const upstreamProtocolOptions: Registry<UpstreamProtocolOptions> = {
  [upstreamProtocolOptionsKey]: extension<UpstreamProtocolOptions>(
    upstreamProtocolOptionsKey,
    "HttpProtocolOptions",
    {
      commonHttpProtocolOptions: optional(commonHttpProtocolOptions),
      explicitHttpConfig: optional(explicit),
      useDownstreamProtocolConfig: optional(useDownstream),
      autoConfig: optional(auto),
      upstreamHttpProtocolOptions: optional(upstreamHttpProtocolOptions),
    },
    {
      oneofs: [
        {
          name: "upstream_protocol_options",
          fields: ["explicit_http_config", "use_downstream_protocol_config", "auto_config"],
          required: true,
        },
      ],
      unsupported: {
        http_filters: "upstream http filters",
        header_validation_config: "header validation extensions",
        outlier_detection: "outlier detection",
        request_mirror_policies: "mirror policies of a cluster",
        hash_policy: "hash policies of a cluster",
        retry_policy: "retry policies of a cluster",
      },
    },
  ),
};
