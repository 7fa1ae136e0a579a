import type { HeaderMap } from "../http/header-map.ts";
import { ResponseFlags } from "../http/response-flags.ts";
import type { ConnectionInfo, Protocol } from "../http/stream.ts";
import type { StreamInfo, UpstreamInfo } from "../http/stream-info.ts";

/** StreamInfo as a class, so that every request's has the same shape. */
export class RequestInfo implements StreamInfo {
  readonly connection: ConnectionInfo;
  readonly protocol: Protocol;
  readonly startTimeMicros: number;
  readonly flags: ResponseFlags = new ResponseFlags();
  downstreamRemoteAddress: { address: string; port: number };
  requestHeaders: HeaderMap;
  responseHeaders?: HeaderMap;
  responseTrailers?: HeaderMap;
  responseCode?: number;
  responseCodeDetails?: string;
  bytesReceived = 0;
  bytesSent = 0;
  routeName?: string;
  virtualHostName?: string;
  routeMetadata?: Readonly<Record<string, unknown>>;
  clusterMetadata?: Readonly<Record<string, unknown>>;
  dynamicMetadata?: Readonly<Record<string, unknown>>;
  accessLogType?: string;
  unsendableHeader?: string;
  localReplyBody?: string;
  traced?: boolean;
  upstream?: UpstreamInfo;
  healthCheck = false;
  traceId?: string;
  spanId?: string;
  lastDownstreamRxByteReceived?: number;
  firstDownstreamTxByteSent?: number;
  lastDownstreamTxByteSent?: number;
  endTimeMicros?: number;

  constructor(
    connection: ConnectionInfo,
    protocol: Protocol,
    headers: HeaderMap,
    startTimeMicros: number,
  ) {
    this.connection = connection;
    this.protocol = protocol;
    this.requestHeaders = headers;
    this.startTimeMicros = startTimeMicros;
    this.downstreamRemoteAddress = {
      address: connection.remoteAddress,
      port: connection.remotePort,
    };
  }
}
