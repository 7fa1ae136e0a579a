/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/request_id/uuid/v3/uuid.proto */
import { any, type DecodedAny } from "./decode/any.ts";
import type { Decoder } from "./decode/decoder.ts";
import { optional, required } from "./decode/field.ts";
import { extension, message } from "./decode/message.ts";
import { bool } from "./decode/scalars.ts";

export interface UuidRequestIdConfig {
  readonly type: "UuidRequestIdConfig";
  /** Absent: true. */
  readonly packTraceReason?: boolean;
  /** Absent: true. */
  readonly useRequestIdForTraceSampling?: boolean;
}

const name = "envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig";

const uuid = extension<UuidRequestIdConfig>(name, "UuidRequestIdConfig", {
  packTraceReason: optional(bool()),
  useRequestIdForTraceSampling: optional(bool()),
});

const wrapper = message<{ readonly typedConfig: DecodedAny<UuidRequestIdConfig> }>(
  "envoy.extensions.filters.network.http_connection_manager.v3.RequestIDExtension",
  {
    typedConfig: required(
      any(() => ({ [name]: uuid }), {
        category: "request id extension",
        packages: ["envoy.extensions.request_id."],
      }),
    ),
  },
);

export const requestIdExtension: Decoder<DecodedAny<UuidRequestIdConfig>> = {
  ...wrapper,
  decode: (node, at) => wrapper.decode(node, at)?.typedConfig,
};
