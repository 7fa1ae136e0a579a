import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type RunningEnvoy, startEnvoy } from "./start-envoy.ts";

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function upstream(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<number> {
  const server: Server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  return (server.address() as AddressInfo).port;
}

const typed = "type.googleapis.com/envoy.extensions.filters";

function config(
  port: number,
  options: { route?: object; tracing?: object; filters?: object[]; clusters?: object[] } = {},
): string {
  const endpoint = (at: number): object => ({
    endpoint: { address: { socket_address: { address: "127.0.0.1", port_value: at } } },
  });
  const cluster = {
    name: "service",
    load_assignment: { cluster_name: "service", endpoints: [{ lb_endpoints: [endpoint(port)] }] },
  };
  const manager = {
    "@type": `${typed}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "in",
    ...(options.tracing === undefined ? {} : { tracing: options.tracing }),
    route_config: {
      name: "r",
      virtual_hosts: [
        {
          name: "v",
          domains: ["*"],
          routes: [{ match: { prefix: "/" }, route: { cluster: "service", ...options.route } }],
        },
      ],
    },
    http_filters: [
      ...(options.filters ?? []),
      {
        name: "envoy.filters.http.router",
        typed_config: { "@type": `${typed}.http.router.v3.Router` },
      },
    ],
  };
  return JSON.stringify({
    node: { id: "n", cluster: "c" },
    admin: { address: { socket_address: { address: "127.0.0.1", port_value: 0 } } },
    layered_runtime: {
      layers: [{ name: "s", static_layer: { "tracing.zipkin.min_flush_spans": 100 } }],
    },
    static_resources: {
      listeners: [
        {
          name: "main",
          address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
          traffic_direction: "INBOUND",
          filter_chains: [{ filters: [{ name: "hcm", typed_config: manager }] }],
        },
      ],
      clusters: [cluster, ...(options.clusters ?? [])],
    },
  });
}

async function start(configYaml: string): Promise<RunningEnvoy> {
  const proxy = await startEnvoy({
    configYaml,
    drainTimeSeconds: 2,
    log: () => undefined,
    env: {},
  });
  let closed: Promise<void> | undefined;
  const close = proxy.close.bind(proxy);
  proxy.close = () => (closed ??= close());
  cleanUps.push(() => proxy.close());
  return proxy;
}

const urlOf = ({ listeners }: RunningEnvoy): string => `http://127.0.0.1:${listeners[0]?.port}`;

describe("a proxy", () => {
  test("forwards, streaming, and adds its headers", async () => {
    const port = await upstream((request, response) => request.pipe(response));
    const proxy = await start(config(port));
    const body = "x".repeat(3_000_000);
    const response = await fetch(`${urlOf(proxy)}/echo`, { method: "POST", body });
    expect(await response.text()).toBe(body);
    expect(response.headers.get("server")).toBe("envoy");
    const bodiless = await fetch(urlOf(proxy));
    expect(bodiless.headers.get("x-envoy-upstream-service-time")).toMatch(/^\d+$/);
  });

  test("tries again with the whole body after a 503", async () => {
    const bodies: string[] = [];
    const port = await upstream(async (request, response) => {
      bodies.push(Buffer.concat(await request.toArray()).toString());
      response.statusCode = bodies.length < 3 ? 503 : 200;
      response.end("done");
    });
    const retry_policy = {
      retry_on: "5xx",
      num_retries: 2,
      retry_back_off: { base_interval: "0.001s", max_interval: "0.002s" },
    };
    const proxy = await start(config(port, { route: { retry_policy } }));
    const response = await fetch(urlOf(proxy), { method: "POST", body: "again" });
    expect([response.status, await response.text()]).toEqual([200, "done"]);
    expect(bodies).toEqual(["again", "again", "again"]);
  });

  test("lets the upstream go when the client leaves", async () => {
    const left = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const port = await upstream((_request, response) => {
      response.on("close", () => left.resolve());
      arrived.resolve();
    });
    const proxy = await start(config(port));
    const client = httpRequest(urlOf(proxy)).on("error", () => undefined);
    client.end();
    await arrived.promise;
    client.destroy();
    await left.promise;
  });

  test("answers gRPC clients in their own terms", async () => {
    const proxy = await start(config(1));
    const response = await fetch(urlOf(proxy), { headers: { "content-type": "application/grpc" } });
    expect([response.status, response.headers.get("grpc-status")]).toEqual([200, "14"]);
    expect(response.headers.get("grpc-message")).toContain("remote connection failure");
  });

  test("sends the spans that wait when it is closed", async () => {
    const spans = Promise.withResolvers<unknown>();
    const collector = await upstream(async (request, response) => {
      spans.resolve(JSON.parse(Buffer.concat(await request.toArray()).toString()));
      response.writeHead(202).end();
    });
    const port = await upstream((_request, response) => response.end("ok"));
    const provider = {
      name: "envoy.tracers.zipkin",
      typed_config: {
        "@type": "type.googleapis.com/envoy.config.trace.v3.ZipkinConfig",
        collector_cluster: "zipkin",
        collector_endpoint: "/api/v2/spans",
        collector_endpoint_version: "HTTP_JSON",
      },
    };
    const zipkin = {
      name: "zipkin",
      load_assignment: {
        cluster_name: "zipkin",
        endpoints: [
          {
            lb_endpoints: [
              {
                endpoint: {
                  address: { socket_address: { address: "127.0.0.1", port_value: collector } },
                },
              },
            ],
          },
        ],
      },
    };
    const proxy = await start(config(port, { tracing: { provider }, clusters: [zipkin] }));
    await (await fetch(`${urlOf(proxy)}/a`)).text();
    await proxy.close();
    expect(await spans.promise).toMatchObject([{ kind: "SERVER", tags: { "http.method": "GET" } }]);
  });

  test("takes another configuration without dropping a request under way", async () => {
    const arrived = Promise.withResolvers<ServerResponse>();
    const old = await upstream((_request, response) => arrived.resolve(response));
    const next = await upstream((_request, response) => response.end("new"));
    const proxy = await start(config(old));
    const before = fetch(urlOf(proxy));
    const waiting = await arrived.promise;
    await proxy.reload(config(next));
    expect(await (await fetch(urlOf(proxy))).text()).toBe("new");
    waiting.end("old");
    expect(await (await before).text()).toBe("old");
  });

  test("waits with a request while a fault delays it, body and all", async () => {
    const port = await upstream((request, response) => request.pipe(response));
    const fault = {
      name: "envoy.filters.http.fault",
      typed_config: {
        "@type": `${typed}.http.fault.v3.HTTPFault`,
        delay: { fixed_delay: "0.02s", percentage: { numerator: 100 } },
      },
    };
    const proxy = await start(config(port, { filters: [fault] }));
    const body = "y".repeat(2_500_000);
    const response = await fetch(urlOf(proxy), { method: "POST", body });
    expect(await response.text()).toBe(body);
  });

  test("counts for itself alone", async () => {
    const port = await upstream((_request, response) => response.end("ok"));
    const [one, other] = [await start(config(port)), await start(config(port))];
    await (await fetch(urlOf(one))).text();
    const totals = [one, other].map(async ({ admin }) => {
      const url = `http://127.0.0.1:${admin?.port}/stats?filter=cluster.service.upstream_rq_total`;
      return (await fetch(url)).text();
    });
    expect(await Promise.all(totals)).toEqual([
      "cluster.service.upstream_rq_total: 1\n",
      "cluster.service.upstream_rq_total: 0\n",
    ]);
  });
});

test("a configuration that cannot be used is refused with its places", async () => {
  const text = config(1).replace('"cluster":"service"', '"cluster":"ghost"');
  await expect(startEnvoy({ configYaml: text, log: () => undefined })).rejects.toMatchObject({
    name: "ConfigError",
    problems: [{ envoyMessage: "route: unknown cluster 'ghost'" }],
  });
});
