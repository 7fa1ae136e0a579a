import { constants } from "node:http2";
import type { ResetReason } from "../http/stream.ts";

/** What a RST_STREAM of the peer means to the streams above. */
export function reasonOfCode(code: number): ResetReason {
  if (code === constants.NGHTTP2_REFUSED_STREAM) return "remote refused stream reset";
  return "remote reset";
}

/** The RST_STREAM for a stream given up here. */
export function codeOfReason(reason: ResetReason): number {
  switch (reason) {
    case "protocol error":
      return constants.NGHTTP2_PROTOCOL_ERROR;
    case "overflow":
    case "remote refused stream reset":
      return constants.NGHTTP2_REFUSED_STREAM;
    case "local reset":
    case "remote reset":
      return constants.NGHTTP2_CANCEL;
    case "connection termination":
      return constants.NGHTTP2_INTERNAL_ERROR;
  }
}
