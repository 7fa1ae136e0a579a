/** The real Envoy and ours on the same configuration, and requests to them. */
import { once } from "node:events";
import { createServer, type RequestListener, request } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { findFreePorts } from "@tracemesh/cli";
import { ourProxy, realEnvoy } from "../proxies.ts";
import { address, cluster, httpListener, types } from "../rig/configuration-parts.ts";
import { readStats, startConfigured } from "../rig/configured-proxy.ts";
import type { ProxyCommand } from "../rig/proxy-process.ts";

export const filterTypes: string = `${types}.extensions.filters.http`;

export interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number | undefined;
  /** In order; what time makes of them is replaced by "there". */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Decompressed. */
  readonly body: string;
}

export interface Side {
  ask(what: Ask): Promise<Answer>;
  /** Lines of /stats with the text in their name. */
  stats(text: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** One listener with a connection manager of these settings, and the cluster "service". */
export function bootstrap(
  manager: object,
  upstream: number,
  direction: "INBOUND" | "OUTBOUND" | "UNSPECIFIED" = "UNSPECIFIED",
): (ports: Ports) => object {
  // Ids would differ.
  const settings = { stat_prefix: "test", generate_request_id: false, ...manager };
  return ({ listener, admin }) => ({
    node: { id: "test", cluster: "test" },
    admin: { address: address(admin) },
    static_resources: {
      listeners: [httpListener("main", listener, settings, { traffic_direction: direction })],
      clusters: [cluster("service", upstream)],
    },
  });
}

export interface Ports {
  readonly listener: number;
  readonly admin: number;
}

export async function startSide(
  command: ProxyCommand,
  configOf: (ports: Ports) => object,
): Promise<Side> {
  const [listener = 0, admin = 0] = await findFreePorts(2);
  const proxy = await startConfigured(command, configOf({ listener, admin }), {
    ports: [listener],
  });
  return {
    ask: (what) => ask(listener, what),
    stats: (text) => readStats(admin, text),
    stop: () => proxy.stop(2_000),
  };
}

export interface Sides {
  readonly real: Side;
  readonly ours: Side;
  stop(): Promise<void>;
}

/** Both of them, with connection managers of these settings, in front of a service. */
export async function startSides(manager: object, service: RequestListener): Promise<Sides> {
  const upstream = createServer(service).listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const config = bootstrap(manager, (upstream.address() as AddressInfo).port);
  const [real, ours] = await Promise.all([
    startSide(realEnvoy(), config),
    startSide(ourProxy, config),
  ]);
  return {
    real,
    ours,
    stop: async () => {
      await Promise.all([real.stop(), ours.stop()]);
      upstream.close();
    },
  };
}

const volatile = new Set(["date", "x-envoy-upstream-service-time"]);

function ask(port: number, { method = "GET", path = "/", headers = {} }: Ask): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  request(
    { port, host: "127.0.0.1", path, method, headers: { host: "shop.example:81", ...headers } },
    (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => {
        const raw = response.rawHeaders;
        const names = raw.filter((_, i) => i % 2 === 0);
        resolve({
          status: response.statusCode,
          headers: names.map((name, i) => [
            name,
            volatile.has(name) ? "there" : (raw[2 * i + 1] ?? ""),
          ]),
          body: decompressed(
            Buffer.concat(chunks),
            response.headers["content-encoding"],
          ).toString(),
        });
      });
    },
  )
    .once("error", reject)
    .end();
  return promise;
}

function decompressed(body: Buffer, encoding: string | undefined): Buffer {
  if (body.length === 0) return body;
  if (encoding === "gzip") return gunzipSync(body);
  if (encoding === "br") return brotliDecompressSync(body);
  return encoding === "zstd" ? zstdDecompressSync(body) : body;
}
