/** Serves the connections of one listener: a stream for every request. */
import { HeaderMap } from "../http/header-map.ts";
import type {
  ConnectionInfo,
  DownstreamStream,
  RequestRefusal,
  ServerConnectionCallbacks,
  StreamReceiver,
} from "../http/stream.ts";
import { nowMicros } from "../time/clock.ts";
import { ActiveStream } from "./active-stream.ts";
import type { ManagerSettings } from "./manager-settings.ts";
import { RequestInfo } from "./request-info.ts";

export class ConnectionManager implements ServerConnectionCallbacks {
  #settings: ManagerSettings;

  constructor(settings: ManagerSettings) {
    this.#settings = settings;
  }

  /** Requests from now on go by these; those under way finish by the old ones. */
  replace(settings: ManagerSettings): void {
    this.#settings = settings;
  }

  onRequest(stream: DownstreamStream, headers: HeaderMap, endStream: boolean): StreamReceiver {
    const active = new ActiveStream(this.#settings, stream, headers, endStream);
    active.start();
    return active;
  }

  onRefused(refusal: RequestRefusal, connection: ConnectionInfo): void {
    const { stats, log } = this.#settings;
    stats.refused(refusal.status);
    const now = nowMicros();
    const info = new RequestInfo(connection, "HTTP/1.1", new HeaderMap(), now);
    info.responseCode = refusal.status;
    info.responseCodeDetails = refusal.details;
    info.flags.add("DPE");
    info.endTimeMicros = now;
    log(info);
  }

  onConnectionOpened(_connection: ConnectionInfo): void {
    this.#settings.stats.connectionOpened();
  }

  onConnectionClosed(_connection: ConnectionInfo): void {
    this.#settings.stats.connectionClosed();
  }
}
