/** The real Envoy and ours on the same configuration, and requests to them. */
import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { findFreePorts } from "@tracemesh/cli";
import { type ProxyCommand, startProxy } from "../rig/proxy-process.ts";

export const types = "type.googleapis.com/envoy";
export const filterTypes = "type.googleapis.com/envoy.extensions.filters.http";

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

export const address = (port: number): object => ({
  socket_address: { address: "127.0.0.1", port_value: port },
});

/** One listener with a connection manager of these settings, and the cluster "service". */
export function bootstrap(
  manager: object,
  upstream: number,
  direction: "INBOUND" | "OUTBOUND" | "UNSPECIFIED" = "UNSPECIFIED",
): (ports: Ports) => object {
  return ({ listener, admin }) => ({
    node: { id: "test", cluster: "test" },
    admin: { address: address(admin) },
    static_resources: {
      listeners: [
        {
          name: "main",
          traffic_direction: direction,
          address: address(listener),
          filter_chains: [
            {
              filters: [
                {
                  name: "envoy.filters.network.http_connection_manager",
                  typed_config: {
                    "@type": `${types}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
                    stat_prefix: "test",
                    // Ids would differ.
                    generate_request_id: false,
                    ...manager,
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: [
        {
          name: "service",
          type: "STATIC",
          connect_timeout: "1s",
          load_assignment: {
            cluster_name: "service",
            endpoints: [{ lb_endpoints: [{ endpoint: { address: address(upstream) } }] }],
          },
        },
      ],
    },
  });
}

export interface Ports {
  readonly listener: number;
  readonly admin: number;
}

export const router: object = {
  name: "envoy.filters.http.router",
  typed_config: { "@type": `${filterTypes}.router.v3.Router` },
};

export async function startSide(
  command: ProxyCommand,
  folder: string,
  configOf: (ports: Ports) => object,
): Promise<Side> {
  const [listener = 0, admin = 0] = await findFreePorts(2);
  const config = join(folder, `${listener}.json`);
  writeFileSync(config, JSON.stringify(configOf({ listener, admin })));
  const proxy = startProxy(command(config, []));
  await proxy.listening(listener, 20_000);
  return {
    ask: (what) => ask(listener, what),
    stats: async (text) => {
      const response = await fetch(`http://127.0.0.1:${admin}/stats`);
      return (await response.text()).split("\n").filter((line) => line.includes(text));
    },
    stop: () => proxy.stop(2_000),
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
