import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningZipkin, type Span, startZipkin } from "@tracemesh/zipkin";
import { afterAll, beforeAll, expect, test } from "vitest";
import { realEnvoy } from "../envoy/proxies.ts";
import { startProxy } from "../envoy/rig/proxy-process.ts";

/** The reporter of the released Envoy, in both of its encodings. */
let zipkin: RunningZipkin;
let upstream: Server;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "envoy-reporter-"));
  zipkin = await startZipkin({ env: {}, port: 0, host: "127.0.0.1", log: console.error });
  upstream = createServer((_request, response) => void response.end("hello"));
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
});
afterAll(async () => {
  await zipkin?.close();
  upstream?.close();
  rmSync(folder, { recursive: true });
});

const traceId = { HTTP_JSON: "463ac35c9f6413ad48485a3953bb6124", HTTP_PROTO: "563ac35c9f6413ad" };
const parentId = "0102030405060708";
const spanId = "a2fb4a1d1a96d312";

test.each(["HTTP_JSON", "HTTP_PROTO"] as const)(
  "Envoy reports its span as %s",
  {
    timeout: 180_000,
  },
  async (encoding) => {
    const config = join(folder, `${encoding}.json`);
    const ports = { listener: await freePort(), upstream: portOf(upstream), zipkin: zipkin.port };
    writeFileSync(config, JSON.stringify(bootstrap(encoding, ports)));
    const envoy = startProxy(realEnvoy()(config, []));
    try {
      await envoy.listening(ports.listener, 60_000);
      const answer = await fetch(`http://127.0.0.1:${ports.listener}/cart`, {
        headers: {
          "x-b3-traceid": traceId[encoding],
          "x-b3-spanid": spanId,
          "x-b3-parentspanid": parentId,
          "x-b3-sampled": "1",
        },
      });
      expect(await answer.text()).toBe("hello");
      await expect.poll(() => trace(traceId[encoding]), { timeout: 15_000 }).toHaveLength(1);
    } finally {
      await envoy.stop(2000);
    }
    const [reported] = await trace(traceId[encoding]);
    // Envoy writes these two with their bytes in reverse into protobuf. What was sent is what is stored.
    const sent = (id: string) =>
      encoding === "HTTP_JSON" ? id : Buffer.from(id, "hex").reverse().toString("hex");
    expect(reported).toMatchObject({
      traceId: traceId[encoding],
      id: sent(spanId),
      parentId: sent(parentId),
      kind: "SERVER",
      shared: true,
      localEndpoint: { serviceName: "shop", ipv4: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/) },
      tags: { component: "proxy", "http.method": "GET", "http.status_code": "200" },
    });
    expect(reported?.duration).toBeGreaterThan(0);
  },
);

async function trace(id: string): Promise<Span[]> {
  const response = await fetch(`http://127.0.0.1:${zipkin.port}/api/v2/trace/${id}`);
  return response.status === 200 ? JSON.parse(await response.text()) : [];
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server is not open");
  return address.port;
}

/** Of a server that was there a moment ago: Envoy is given its port in a file. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  server.close();
  await once(server, "close");
  return port;
}

function bootstrap(encoding: string, ports: Readonly<Record<string, number>>): unknown {
  const address = (port: number | undefined) => ({
    socket_address: { address: "127.0.0.1", port_value: port },
  });
  const cluster = (name: string, port: number | undefined) => ({
    name,
    type: "STATIC",
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address(port) } }] }],
    },
  });
  const manager =
    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
  return {
    node: { id: "test", cluster: "shop" },
    layered_runtime: {
      layers: [{ name: "static", static_layer: { "tracing.zipkin.min_flush_spans": 1 } }],
    },
    static_resources: {
      listeners: [
        {
          name: "main",
          address: address(ports["listener"]),
          traffic_direction: "INBOUND",
          filter_chains: [
            {
              filters: [
                {
                  name: "envoy.filters.network.http_connection_manager",
                  typed_config: {
                    "@type": `type.googleapis.com/${manager}`,
                    stat_prefix: "main",
                    tracing: {
                      provider: {
                        name: "envoy.tracers.zipkin",
                        typed_config: {
                          "@type": "type.googleapis.com/envoy.config.trace.v3.ZipkinConfig",
                          collector_cluster: "zipkin",
                          collector_endpoint: "/api/v2/spans",
                          collector_endpoint_version: encoding,
                        },
                      },
                    },
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
                        typed_config: {
                          "@type":
                            "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
                        },
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: [cluster("service", ports["upstream"]), cluster("zipkin", ports["zipkin"])],
    },
  };
}
