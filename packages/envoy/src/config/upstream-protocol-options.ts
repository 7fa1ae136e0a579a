/** A cluster's protocol. https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/upstreams/http/v3/http_protocol_options.proto */
import type {
  CommonHttpProtocolOptions,
  Http1ProtocolOptions,
  Http2ProtocolOptions,
} from "./http-protocol-options.ts";

/** The key in a cluster's typed_extension_protocol_options. */
export const upstreamProtocolOptionsKey = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/** Exactly one of explicitHttpConfig, useDownstreamProtocolConfig and autoConfig is present. */
export interface UpstreamProtocolOptions {
  readonly type: "HttpProtocolOptions";
  readonly commonHttpProtocolOptions?: CommonHttpProtocolOptions;
  readonly explicitHttpConfig?: ProtocolChoice;
  readonly useDownstreamProtocolConfig?: ProtocolChoice;
  readonly autoConfig?: ProtocolChoice;
}

/** In explicitHttpConfig one of them is present: that is the protocol. In the others they only carry options. */
export interface ProtocolChoice {
  readonly httpProtocolOptions?: Http1ProtocolOptions;
  readonly http2ProtocolOptions?: Http2ProtocolOptions;
}
