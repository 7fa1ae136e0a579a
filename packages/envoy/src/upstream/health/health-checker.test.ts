import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type RunningEnvoy, startEnvoy } from "../../start-envoy.ts";

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Answers every request with its name; its health is set from outside. */
interface Backend {
  readonly port: number;
  healthStatus: number;
  checks: number;
  connections(): Promise<number>;
}

async function startBackend(name: string): Promise<Backend> {
  const server = createServer((request, response) => {
    if (request.url === "/healthz") {
      backend.checks++;
      response.writeHead(backend.healthStatus).end();
    } else response.end(name);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  const connections = (): Promise<number> =>
    new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
  const backend: Backend = { port, healthStatus: 200, checks: 0, connections };
  return backend;
}

const extensions = "type.googleapis.com/envoy.extensions.filters";

/** One endpoint a priority, by name. */
async function startProxy(backends: readonly Backend[]): Promise<RunningEnvoy> {
  const manager = {
    "@type": `${extensions}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "in",
    route_config: {
      virtual_hosts: [
        {
          name: "v",
          domains: ["*"],
          routes: [{ match: { prefix: "/" }, route: { cluster: "service" } }],
        },
      ],
    },
    http_filters: [
      { name: "router", typed_config: { "@type": `${extensions}.http.router.v3.Router` } },
    ],
  };
  const configYaml = JSON.stringify({
    static_resources: {
      listeners: [
        {
          address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
          filter_chains: [{ filters: [{ name: "hcm", typed_config: manager }] }],
        },
      ],
      clusters: [
        {
          name: "service",
          type: "STRICT_DNS",
          dns_lookup_family: "V4_ONLY",
          close_connections_on_host_health_failure: true,
          health_checks: [
            {
              timeout: "5s",
              interval: "0.01s",
              no_traffic_interval: "0.01s",
              unhealthy_threshold: 1,
              healthy_threshold: 2,
              http_health_check: { path: "/healthz" },
            },
          ],
          load_assignment: {
            cluster_name: "service",
            endpoints: backends.map(({ port }, priority) => ({
              priority,
              lb_endpoints: [
                {
                  endpoint: {
                    address: { socket_address: { address: "localhost", port_value: port } },
                  },
                },
              ],
            })),
          },
        },
      ],
    },
  });
  const proxy = await startEnvoy({ configYaml, drainTimeSeconds: 0, log: () => {}, env: {} });
  cleanUps.push(() => proxy.close());
  return proxy;
}

test("requests go to the next priority while the first is not well, and come back", async () => {
  const backends = [await startBackend("first"), await startBackend("second")] as const;
  const proxy = await startProxy(backends);
  const ask = async (): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${proxy.listeners[0]?.port}/`);
    return response.text();
  };
  // Asked before the listener was there: an endpoint that has not answered is not healthy.
  expect(backends.map(({ checks }) => checks > 0)).toEqual([true, true]);
  expect(await ask()).toBe("first");
  backends[0].healthStatus = 503;
  await expect.poll(ask).toBe("second");
  backends[0].healthStatus = 200;
  await expect.poll(ask).toBe("first");
});

test("closing the proxy ends the checks", async () => {
  const backend = await startBackend("only");
  const proxy = await startProxy([backend]);
  await expect.poll(() => backend.checks).toBeGreaterThan(2);
  expect(await backend.connections()).toBe(1);
  await proxy.close();
  await expect.poll(() => backend.connections()).toBe(0);
});
