/** Serves the connections of one listener: a stream for every request. */
import { HeaderMap } from "../http/header-map.ts";
import type {
  ConnectionInfo,
  DownstreamStream,
  RefusalAnswer,
  RequestRefusal,
  ServerConnectionCallbacks,
  StreamReceiver,
} from "../http/stream.ts";
import { nowMicros } from "../time/clock.ts";
import { ActiveStream } from "./active-stream.ts";
import type { ManagerSettings } from "./manager-settings.ts";
import { RequestInfo } from "./request-info.ts";
import { finishResponseHeaders } from "./response-headers.ts";

const noRoute = { kind: "none" } as const;

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
    const info = refusedInfo(refusal, connection);
    // The answer itself does not know it yet.
    if (refusal.flag !== undefined) info.flags.add(refusal.flag);
    info.bytesSent = Buffer.byteLength(refusal.body);
    info.endTimeMicros = info.startTimeMicros;
    log(info);
  }

  onContinueSent(): void {
    this.#settings.stats.countStatus(100);
  }

  answerRefusal(refusal: RequestRefusal, connection: ConnectionInfo): RefusalAnswer {
    const { localReplies, responseHeaders, date } = this.#settings;
    const info = refusedInfo(refusal, connection);
    const answer = localReplies.build({ info, route: noRoute }, refusal, false, false);
    finishResponseHeaders(answer.headers, info.requestHeaders, responseHeaders, date, false);
    return answer;
  }

  onConnectionOpened(_connection: ConnectionInfo): void {
    this.#settings.stats.connectionOpened();
  }

  onConnectionClosed(_connection: ConnectionInfo): void {
    this.#settings.stats.connectionClosed();
  }
}

/** What there is to tell of a request without headers. */
function refusedInfo(refusal: RequestRefusal, connection: ConnectionInfo): RequestInfo {
  const { status, details, protocol = "HTTP/1.1", headers = new HeaderMap() } = refusal;
  const info = new RequestInfo(connection, protocol, headers, nowMicros());
  info.responseCode = status;
  info.responseCodeDetails = details;
  return info;
}
