/** The real Envoy with a listener for each set of options, its access log, and one request at a time through it. */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePorts } from "@tracemesh/cli";
import { realEnvoy } from "../proxies.ts";
import {
  cluster,
  httpListener,
  router,
  routesOfAll,
  stdoutLog,
  upstreamProtocol,
} from "../rig/configuration-parts.ts";
import { startConfigured } from "../rig/configured-proxy.ts";

export interface Exchange {
  /** All that came back, latin-1; the date and the time it took are taken out. */
  readonly response: string;
  readonly closed: boolean;
  /** Details and transport failure of each line of the access log. */
  readonly log: readonly string[];
}

export interface RecordedEnvoy {
  send(listener: string, bytes: string, thenEnd: boolean): Promise<Exchange>;
  stop(): Promise<void>;
}

/** Without a byte for this long there will be no more: everything is on this machine. */
const quietMs = 250;
const flushMs = 10;

export async function startRecordedEnvoy(
  upstream: number,
  listeners: Readonly<Record<string, object>>,
): Promise<RecordedEnvoy> {
  const names = Object.keys(listeners);
  const ports = await findFreePorts(names.length);
  const portOf = (name: string) => ports[names.indexOf(name)] as number;
  const withTrailers = upstreamProtocol({ http_protocol_options: { enable_trailers: true } });
  const resources = {
    listeners: names.map((name) => listener(name, portOf(name), listeners[name] ?? {})),
    clusters: [cluster("service", upstream, withTrailers)],
  };
  const args = ["--file-flush-interval-msec", String(flushMs)];
  const envoy = await startConfigured(
    realEnvoy(),
    { static_resources: resources },
    { ports, args },
  );
  let logged = 0;
  return {
    send: async (name, bytes, thenEnd) => {
      const { response, closed } = await exchange(portOf(name), bytes, thenEnd);
      await sleep(4 * flushMs);
      const log = envoy.stdout.slice(logged).split("\n").filter(Boolean);
      logged = envoy.stdout.length;
      return { response: withoutTime(response), closed, log };
    },
    stop: () => envoy.stop(2_000),
  };
}

async function exchange(port: number, bytes: string, thenEnd: boolean) {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  let response = "";
  let closed = false;
  let last = performance.now();
  socket.on("data", (chunk: Buffer) => {
    response += chunk.toString("latin1");
    last = performance.now();
  });
  const over = () => {
    closed = true;
  };
  socket.on("end", over).on("close", over).on("error", over);
  socket.write(Buffer.from(bytes, "latin1"));
  if (thenEnd) socket.end();
  while (!closed && performance.now() - last < quietMs) await sleep(5);
  const seen = { response, closed };
  socket.destroy();
  return seen;
}

function withoutTime(response: string): string {
  return response
    .replace(/date: [^\r]*/g, "date: D")
    .replace(/x-envoy-upstream-service-time: \d+/g, "x-envoy-upstream-service-time: 0");
}

function listener(name: string, port: number, options: object): object {
  return httpListener(name, port, {
    stat_prefix: name,
    codec_type: "AUTO",
    delayed_close_timeout: "0.05s",
    access_log: [stdoutLog("%RESPONSE_CODE_DETAILS%")],
    route_config: routesOfAll([{ match: { prefix: "/" }, route: { cluster: "service" } }]),
    http_filters: [router()],
    ...options,
  });
}
