/** The real Envoy with a listener for each set of options, its access log, and one request at a time through it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePorts } from "@tracemesh/cli";
import { realEnvoy } from "../proxies.ts";
import { startProxy } from "../rig/proxy-process.ts";

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

const types = "type.googleapis.com/envoy";
const address = (port_value: number) => ({ socket_address: { address: "127.0.0.1", port_value } });

export async function startRecordedEnvoy(
  upstream: number,
  listeners: Readonly<Record<string, object>>,
): Promise<RecordedEnvoy> {
  const names = Object.keys(listeners);
  const ports = await findFreePorts(names.length);
  const portOf = (name: string) => ports[names.indexOf(name)] as number;
  const folder = mkdtempSync(join(tmpdir(), "http1-corpora-"));
  const config = join(folder, "envoy.json");
  const resources = {
    listeners: names.map((name) => listener(name, portOf(name), listeners[name] ?? {})),
    clusters: [cluster(upstream)],
  };
  writeFileSync(config, JSON.stringify({ static_resources: resources }));
  const envoy = startProxy(realEnvoy()(config, ["--file-flush-interval-msec", String(flushMs)]));
  for (const port of ports) await envoy.listening(port, 20_000);
  let logged = 0;
  return {
    send: async (name, bytes, thenEnd) => {
      const { response, closed } = await exchange(portOf(name), bytes, thenEnd);
      await sleep(4 * flushMs);
      const log = envoy.stdout.slice(logged).split("\n").filter(Boolean);
      logged = envoy.stdout.length;
      return { response: withoutTime(response), closed, log };
    },
    stop: async () => {
      await envoy.stop(2_000);
      rmSync(folder, { recursive: true, force: true });
    },
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
  const manager = {
    "@type": `${types}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: name,
    codec_type: "AUTO",
    delayed_close_timeout: "0.05s",
    access_log: [
      {
        name: "envoy.access_loggers.stdout",
        typed_config: {
          "@type": `${types}.extensions.access_loggers.stream.v3.StdoutAccessLog`,
          log_format: { text_format_source: { inline_string: "%RESPONSE_CODE_DETAILS%\n" } },
        },
      },
    ],
    route_config: {
      virtual_hosts: [
        {
          name: "all",
          domains: ["*"],
          routes: [{ match: { prefix: "/" }, route: { cluster: "service" } }],
        },
      ],
    },
    http_filters: [
      {
        name: "envoy.filters.http.router",
        typed_config: { "@type": `${types}.extensions.filters.http.router.v3.Router` },
      },
    ],
    ...options,
  };
  return {
    name,
    address: address(port),
    filter_chains: [
      {
        filters: [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }],
      },
    ],
  };
}

function cluster(upstream: number): object {
  return {
    name: "service",
    type: "STATIC",
    connect_timeout: "1s",
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": `${types}.extensions.upstreams.http.v3.HttpProtocolOptions`,
        explicit_http_config: { http_protocol_options: { enable_trailers: true } },
      },
    },
    load_assignment: {
      cluster_name: "service",
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address(upstream) } }] }],
    },
  };
}
