/** What either side of a connection announces. Envoy 1.40's own, as it sends them. */
import type { Http2Session, Settings } from "node:http2";
import type { KeepAliveOptions } from "./keep-alive.ts";

/** What the file sets of it; absent values take Envoy's defaults. */
export interface Http2Limits {
  readonly hpackTableBytes?: number;
  readonly maxConcurrentStreams?: number;
  readonly streamWindowBytes?: number;
  readonly connectionWindowBytes?: number;
  readonly keepAlive?: KeepAliveOptions;
}

const mib = 1024 * 1024;

/** Header lists that nobody would take are cut off here, unseen; the limits in the file are well below it. */
export const mostHeaderPairs = 4096;

/** Field values with blanks around them are not to be dropped, which node:http2 does unless told so. */
export const asSent = { strictFieldWhitespaceValidation: false } as const;

export function localSettings(limits: Http2Limits = {}): Settings {
  return {
    headerTableSize: limits.hpackTableBytes ?? 4096,
    maxConcurrentStreams: limits.maxConcurrentStreams ?? 1024,
    // A stream that is not read is held back by it, so it bounds what the stream can occupy.
    initialWindowSize: limits.streamWindowBytes ?? 16 * mib,
    enableConnectProtocol: false,
  };
}

/** HTTP/2 has no setting for the window of the connection: it begins at 64 KiB and is widened. */
export function widenWindow(session: Http2Session, limits: Http2Limits = {}): void {
  if (!session.destroyed) session.setLocalWindowSize(limits.connectionWindowBytes ?? 24 * mib);
}
