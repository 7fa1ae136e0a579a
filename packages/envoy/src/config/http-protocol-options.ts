/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/protocol.proto */
import type { Decoder } from "./decode/decoder.ts";
import { duration } from "./decode/duration.ts";
import { enumeration } from "./decode/enumeration.ts";
import { flag, named, optional, required } from "./decode/field.ts";
import { empty, message } from "./decode/message.ts";
import { bool, string, uint32 } from "./decode/scalars.ts";
import type { Empty } from "./extension.ts";
import { type Percent, percent } from "./percent.ts";

/** core.v3.HttpProtocolOptions: what both sides and both protocols share. */
export interface CommonHttpProtocolOptions {
  /** Absent: one hour; 0: never. */
  readonly idleTimeoutMs?: number;
  readonly maxHeadersCount?: number;
  readonly maxResponseHeadersKb?: number;
  readonly maxStreamDurationMs?: number;
  readonly headersWithUnderscoresAction?: "ALLOW" | "REJECT_REQUEST" | "DROP_HEADER";
  readonly maxRequestsPerConnection?: number;
}

export interface Http1ProtocolOptions {
  /** Absent: true. */
  readonly allowAbsoluteUrl?: boolean;
  readonly acceptHttp10: boolean;
  readonly defaultHostForHttp10?: string;
  readonly headerKeyFormat?: { readonly properCaseWords?: Empty };
  readonly enableTrailers: boolean;
}

export interface Http2ProtocolOptions {
  readonly hpackTableSize?: number;
  readonly maxConcurrentStreams?: number;
  readonly initialStreamWindowSize?: number;
  readonly initialConnectionWindowSize?: number;
  readonly connectionKeepalive?: ConnectionKeepalive;
}

/** core.v3.KeepaliveSettings */
export interface ConnectionKeepalive {
  readonly intervalMs?: number;
  readonly timeoutMs: number;
  /** Absent: 15. */
  readonly intervalJitter?: Percent;
  readonly connectionIdleIntervalMs?: number;
}

const staysOpen = "keeping connections open after invalid messages";

export const commonHttpProtocolOptions: Decoder<CommonHttpProtocolOptions> =
  message<CommonHttpProtocolOptions>(
    "envoy.config.core.v3.HttpProtocolOptions",
    {
      idleTimeoutMs: optional(duration()),
      maxHeadersCount: optional(uint32({ gte: 1 })),
      maxResponseHeadersKb: optional(uint32({ gt: 0, lte: 8192 })),
      maxStreamDurationMs: optional(duration()),
      headersWithUnderscoresAction: optional(
        enumeration<"ALLOW" | "REJECT_REQUEST" | "DROP_HEADER">(
          "envoy.config.core.v3.HttpProtocolOptions.HeadersWithUnderscoresAction",
          { ALLOW: 0, REJECT_REQUEST: 1, DROP_HEADER: 2 },
        ),
      ),
      maxRequestsPerConnection: optional(uint32()),
    },
    { unsupported: { max_connection_duration: "a maximum age of connections" } },
  );

const http1 = "envoy.config.core.v3.Http1ProtocolOptions";

const headerKeyFormat = message<NonNullable<Http1ProtocolOptions["headerKeyFormat"]>>(
  `${http1}.HeaderKeyFormat`,
  { properCaseWords: optional(empty(`${http1}.HeaderKeyFormat.ProperCaseWords`)) },
  {
    oneofs: [{ name: "header_format", fields: ["proper_case_words"], required: true }],
    unsupported: { stateful_formatter: "stateful header formatters" },
  },
);

export const http1ProtocolOptions: Decoder<Http1ProtocolOptions> = message<Http1ProtocolOptions>(
  http1,
  {
    allowAbsoluteUrl: optional(bool()),
    acceptHttp10: named("accept_http_10", flag()),
    defaultHostForHttp10: named("default_host_for_http_10", optional(string())),
    headerKeyFormat: optional(headerKeyFormat),
    enableTrailers: flag(),
  },
  {
    accepted: { use_balsa_parser: "chooses between two parsers of Envoy's own" },
    unsupported: {
      allow_chunked_length: "messages with both Content-Length and chunks",
      send_fully_qualified_url: "absolute URLs upstream",
      override_stream_error_on_invalid_http_message: staysOpen,
      allow_custom_methods: "custom HTTP methods",
      ignore_http_11_upgrade: "ignoring upgrade headers",
    },
  },
);

/** Envoy's guards against floods of frames; Node's HTTP/2 has guards of its own. */
const frameLimits = "limits of frames are those of the runtime's HTTP/2 stack";

const windowSize = uint32({ gte: 65535, lte: 2147483647 });

const connectionKeepalive: Decoder<ConnectionKeepalive> = message<ConnectionKeepalive>(
  "envoy.config.core.v3.KeepaliveSettings",
  {
    intervalMs: optional(duration({ gte: 0.001 })),
    timeoutMs: required(duration({ gte: 0.001 })),
    intervalJitter: optional(percent),
    connectionIdleIntervalMs: optional(duration({ gte: 0.001 })),
  },
);

export const http2ProtocolOptions: Decoder<Http2ProtocolOptions> = message<Http2ProtocolOptions>(
  "envoy.config.core.v3.Http2ProtocolOptions",
  {
    hpackTableSize: optional(uint32()),
    maxConcurrentStreams: optional(uint32({ gte: 1, lte: 2147483647 })),
    initialStreamWindowSize: optional(windowSize),
    initialConnectionWindowSize: optional(windowSize),
    connectionKeepalive: optional(connectionKeepalive),
  },
  {
    accepted: {
      max_outbound_frames: frameLimits,
      max_outbound_control_frames: frameLimits,
      max_consecutive_inbound_frames_with_empty_payload: frameLimits,
      max_inbound_priority_frames_per_stream: frameLimits,
      max_inbound_window_update_frames_per_data_frame_sent: frameLimits,
      use_oghttp2_codec: "chooses between two codecs of Envoy's own",
      enable_huffman_encoding: "a matter of compression only",
    },
    unsupported: {
      allow_connect: "CONNECT over HTTP/2",
      override_stream_error_on_invalid_http_message: staysOpen,
      allow_metadata: "HTTP/2 METADATA frames",
      max_metadata_size: "HTTP/2 METADATA frames",
      stream_error_on_invalid_http_messaging:
        "the deprecated spelling of override_stream_error_on_invalid_http_message",
      custom_settings_parameters: "custom HTTP/2 settings",
    },
  },
);
