/** http2_protocol_options as the codec takes them, on both sides. */

import type { Http2ProtocolOptions } from "../config/http-protocol-options.ts";
import type { Http2Limits } from "./settings.ts";

export function http2Limits(options: Http2ProtocolOptions): Http2Limits {
  const {
    hpackTableSize,
    maxConcurrentStreams,
    initialStreamWindowSize,
    initialConnectionWindowSize,
    connectionKeepalive: keepalive,
  } = options;
  return {
    ...(hpackTableSize === undefined ? {} : { hpackTableBytes: hpackTableSize }),
    ...(maxConcurrentStreams === undefined ? {} : { maxConcurrentStreams }),
    ...(initialStreamWindowSize === undefined
      ? {}
      : { streamWindowBytes: initialStreamWindowSize }),
    ...(initialConnectionWindowSize === undefined
      ? {}
      : { connectionWindowBytes: initialConnectionWindowSize }),
    ...(keepalive === undefined
      ? {}
      : {
          keepAlive: {
            intervalMs: keepalive.intervalMs,
            timeoutMs: keepalive.timeoutMs,
            jitterPercent: keepalive.intervalJitter ?? 15,
            idleIntervalMs: keepalive.connectionIdleIntervalMs,
          },
        }),
  };
}
