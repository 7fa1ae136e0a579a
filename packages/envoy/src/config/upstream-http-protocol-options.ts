/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/protocol.proto#config-core-v3-upstreamhttpprotocoloptions */
import type { Decoder } from "./decode/decoder.ts";
import { flag } from "./decode/field.ts";
import { message } from "./decode/message.ts";

/** What TLS takes from the request. */
export interface UpstreamHttpProtocolOptions {
  /** The request's host is the SNI. */
  readonly autoSni: boolean;
  /** The certificate has to be for that host. */
  readonly autoSanValidation: boolean;
}

export const upstreamHttpProtocolOptions: Decoder<UpstreamHttpProtocolOptions> =
  message<UpstreamHttpProtocolOptions>(
    "envoy.config.core.v3.UpstreamHttpProtocolOptions",
    { autoSni: flag(), autoSanValidation: flag() },
    { unsupported: { override_auto_sni_header: "SNI out of a header other than Host" } },
  );
