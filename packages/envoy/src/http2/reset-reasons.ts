import { constants } from "node:http2";
import type { ResetReason } from "../http/stream.ts";

/** What a RST_STREAM of the peer means to the streams above. */
export function reasonOfCode(code: number): ResetReason {
  switch (code) {
    case constants.NGHTTP2_REFUSED_STREAM:
      return "remote refused stream reset";
    case constants.NGHTTP2_CONNECT_ERROR:
      return "remote error with CONNECT request";
    // A peer that complains of the protocol is one that the protocol fails with.
    case constants.NGHTTP2_PROTOCOL_ERROR:
      return "protocol error";
    default:
      return "remote reset";
  }
}

/** The same for the access log, where a client sent it. */
export function detailsOfCode(code: number): string {
  return code === constants.NGHTTP2_REFUSED_STREAM ? "http2.remote_refuse" : "http2.remote_reset";
}

/** The RST_STREAM for a stream given up here. */
export function codeOfReason(reason: ResetReason): number {
  switch (reason) {
    case "protocol error":
      return constants.NGHTTP2_PROTOCOL_ERROR;
    case "overflow":
    case "remote refused stream reset":
      return constants.NGHTTP2_REFUSED_STREAM;
    case "remote error with CONNECT request":
      return constants.NGHTTP2_CONNECT_ERROR;
    case "local reset":
    case "remote reset":
    case "connection termination":
      return constants.NGHTTP2_INTERNAL_ERROR;
  }
}
