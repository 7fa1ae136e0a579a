/** What logs are told of a connection that is no HTTP: of the listener's, or of the TCP proxy. */
import { HeaderMap } from "../http/header-map.ts";
import { ResponseFlags } from "../http/response-flags.ts";
import type { ConnectionInfo, Protocol } from "../http/stream.ts";
import type { StreamInfo, UpstreamInfo } from "../http/stream-info.ts";
import { nowMicros } from "../time/clock.ts";

export class ConnectionStreamInfo implements StreamInfo {
  readonly startTimeMicros: number;
  readonly requestHeaders: HeaderMap = new HeaderMap();
  readonly flags: ResponseFlags = new ResponseFlags();
  readonly healthCheck = false;
  readonly downstreamRemoteAddress: { address: string; port: number };
  connection: ConnectionInfo;
  /** Of a listener's connection: what was spoken on it. */
  protocol: Protocol | undefined;
  accessLogType: "NotSet" | "TcpConnectionEnd" = "NotSet";
  responseCodeDetails?: string;
  downstreamTransportFailureReason?: string;
  bytesReceived = 0;
  bytesSent = 0;
  upstream?: UpstreamInfo;
  endTimeMicros?: number;

  constructor(connection: ConnectionInfo, startTimeMicros: number = nowMicros()) {
    this.startTimeMicros = startTimeMicros;
    this.connection = connection;
    this.downstreamRemoteAddress = {
      address: connection.remoteAddress,
      port: connection.remotePort,
    };
  }
}
