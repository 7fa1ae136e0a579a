/** The admin interface: a listener of its own with fixed paths. https://www.envoyproxy.io/docs/envoy/latest/operations/admin */
import { compileAccessLogs, type LogRequest } from "../access-log/access-logs.ts";
import { ManagerStats } from "../connection-manager/manager-stats.ts";
import { RequestInfo } from "../connection-manager/request-info.ts";
import { HeaderMap } from "../http/header-map.ts";
import type {
  ConnectionInfo,
  DownstreamStream,
  RequestRefusal,
  ServerConnectionCallbacks,
  StreamReceiver,
} from "../http/stream.ts";
import { createHttpListener, type HttpListener } from "../listener/http-listener.ts";
import { compileStringMatcher, type StringTest } from "../routing/string-matcher.ts";
import type { ServerContext } from "../server-context.ts";
import { DateHeader, nowMicros } from "../time/clock.ts";
import type { AdminAnswer, AdminEndpoint, AdminServer } from "./admin-endpoint.ts";
import { clustersEndpoint, listenersEndpoint } from "./cluster-endpoints.ts";
import { configDumpEndpoint } from "./config-dump.ts";
import { runtimeEndpoint, runtimeModifyEndpoint } from "./runtime-endpoints.ts";
import {
  drainListenersEndpoint,
  healthCheckFailEndpoint,
  healthCheckOkEndpoint,
  hotRestartVersionEndpoint,
  memoryEndpoint,
  quitEndpoint,
  readyEndpoint,
  serverInfoEndpoint,
} from "./server-info.ts";
import { prometheusEndpoint, resetCountersEndpoint, statsEndpoint } from "./stats-endpoints.ts";

/** In the order of /help. */
const endpoints: readonly AdminEndpoint[] = [
  clustersEndpoint,
  configDumpEndpoint,
  drainListenersEndpoint,
  healthCheckFailEndpoint,
  healthCheckOkEndpoint,
  {
    path: "/help",
    help: "print out list of admin commands",
    answer: () => ({ body: helpText() }),
  },
  hotRestartVersionEndpoint,
  listenersEndpoint,
  memoryEndpoint,
  quitEndpoint,
  readyEndpoint,
  resetCountersEndpoint,
  runtimeEndpoint,
  runtimeModifyEndpoint,
  serverInfoEndpoint,
  statsEndpoint,
  prometheusEndpoint,
];

const plainText = "text/plain; charset=UTF-8";
const ignore = (): void => undefined;
const ignoreRest: StreamReceiver = {
  onData: ignore,
  onTrailers: ignore,
  onReset: ignore,
  onDrain: ignore,
};

export class Admin implements ServerConnectionCallbacks {
  readonly #server: AdminServer;
  readonly #stats: ManagerStats;
  readonly #date = new DateHeader();
  readonly #allowed: readonly StringTest[];
  readonly #log: LogRequest;
  #listener: HttpListener | undefined;

  constructor(context: ServerContext, server: Omit<AdminServer, "context" | "startedMs">) {
    const startedMs = Date.now();
    this.#server = { ...server, context, startedMs };
    const { stats, bootstrap, runtime, ids, env } = context;
    this.#stats = new ManagerStats(stats, "admin", "admin");
    stats.gaugeFrom("server.uptime", () => Math.floor((Date.now() - startedMs) / 1000));
    stats.gaugeFrom("server.live", () => (context.state.draining ? 0 : 1));
    stats.gaugeFrom("server.concurrency", () => server.commandLine.concurrency);
    stats.gaugeFrom("server.memory_allocated", () => process.memoryUsage().heapUsed);
    this.#allowed = (bootstrap.admin?.allowPaths ?? []).map(compileStringMatcher);
    this.#log = compileAccessLogs(bootstrap.admin?.accessLog ?? [], context.accessLogSinks, {
      runtime,
      ids,
      environment: env,
    });
  }

  get address(): { address: string; port: number } | undefined {
    const listener = this.#listener;
    return listener && { address: listener.address, port: listener.port };
  }

  async listen(address: string, port: number): Promise<void> {
    this.#listener = await createHttpListener({
      address,
      port,
      callbacks: this,
      options: {
        codecType: "AUTO",
        maxRequestHeadersBytes: 60 * 1024,
        maxRequestHeadersCount: 100,
        acceptHttp10: true,
        allowAbsoluteUrl: true,
        enableTrailers: false,
        properCaseResponse: false,
        drainTimeoutMs: 100,
        delayedCloseTimeoutMs: 1000,
        idleTimeoutMs: 3_600_000,
        writeBufferHighWatermarkBytes: 1024 * 1024,
      },
    });
  }

  async close(): Promise<void> {
    await this.#listener?.close(100);
  }

  onRequest(stream: DownstreamStream, headers: HeaderMap): StreamReceiver {
    this.#stats.requestStarted(stream.protocol);
    const info = new RequestInfo(stream.connection, stream.protocol, headers, nowMicros());
    const { status = 200, contentType = plainText, body } = this.#answer(headers);
    this.#stats.countStatus(status);
    const bytes = Buffer.from(typeof body === "string" ? body : body());
    const isHead = headers.get(":method") === "HEAD";
    const response = new HeaderMap([
      ...[":status", String(status), "content-type", contentType],
      ...["cache-control", "no-cache, max-age=0", "x-content-type-options", "nosniff"],
      ...["date", this.#date.value(Date.now()), "server", "envoy"],
    ]);
    stream.encodeHeaders(response, isHead);
    if (!isHead) stream.encodeData(bytes, true);
    this.#stats.requestEnded();
    info.responseCode = status;
    info.responseHeaders = response;
    info.bytesSent = bytes.length;
    info.endTimeMicros = nowMicros();
    this.#log(info);
    return ignoreRest;
  }

  #answer(headers: HeaderMap): AdminAnswer {
    const target = headers.get(":path") ?? "/";
    const question = target.indexOf("?");
    const path = question < 0 ? target : target.slice(0, question);
    if (this.#allowed.length > 0 && !this.#allowed.some((test) => test(path)))
      return { status: 403, body: `request to path ${path} not allowed` };
    const method = headers.get(":method") ?? "GET";
    const endpoint = path === "/" ? home : endpoints.find((candidate) => candidate.path === path);
    if (endpoint === undefined) return { status: 404, body: `invalid path. ${helpText()}` };
    if (endpoint.mutates === true && method !== "POST")
      return { status: 405, body: `Method ${method} not allowed, POST required.` };
    const query = new URLSearchParams(question < 0 ? "" : target.slice(question + 1));
    return endpoint.answer({ path, query }, this.#server);
  }

  onRefused(refusal: RequestRefusal): void {
    this.#stats.refused(refusal.status);
  }

  onConnectionOpened(_connection: ConnectionInfo): void {
    this.#stats.connectionOpened();
  }

  onConnectionClosed(_connection: ConnectionInfo): void {
    this.#stats.connectionClosed();
  }
}

const home: AdminEndpoint = {
  path: "/",
  help: "Admin home page",
  answer: () => ({
    contentType: "text/html; charset=UTF-8",
    body: `<!DOCTYPE html><title>Envoy Admin</title><table>${[...endpoints]
      .map(({ path, help, mutates }) => {
        const link =
          mutates === true
            ? `<form action="${path}" method="post"><button>${path}</button></form>`
            : `<a href="${path}">${path}</a>`;
        return `<tr><td>${link}</td><td>${help.replaceAll("&", "&amp;")}</td></tr>`;
      })
      .join("")}</table>`,
  }),
};

function helpText(): string {
  const lines = ["admin commands are:"];
  for (const { path, help, mutates, parameters = [] } of [home, ...endpoints]) {
    lines.push(`  ${path}${mutates === true ? " (POST)" : ""}: ${help}`);
    for (const parameter of parameters) lines.push(`      ${parameter.name}: ${parameter.help}`);
  }
  return `${lines.join("\n")}\n`;
}
