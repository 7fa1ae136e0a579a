import { createServer, type RequestListener, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type RunningEnvoy, startEnvoy } from "../../start-envoy.ts";

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const types = "type.googleapis.com/envoy.extensions";

async function listen(handle: RequestListener): Promise<number> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

async function startProxy(authPort: number, servicePort: number): Promise<RunningEnvoy> {
  const cluster = (name: string, port: number): string => `
  - name: ${name}
    load_assignment:
      cluster_name: ${name}
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${port} } } } }] }]`;
  const proxy = await startEnvoy({
    configYaml: `
static_resources:
  listeners:
  - address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
    filter_chains:
    - filters:
      - name: hcm
        typed_config:
          "@type": ${types}.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: in
          route_config:
            virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: service } }] }]
          http_filters:
          - name: authz
            typed_config:
              "@type": ${types}.filters.http.ext_authz.v3.ExtAuthz
              http_service: { server_uri: { uri: a, cluster: auth, timeout: 5s } }
          - name: router
            typed_config: { "@type": ${types}.filters.http.router.v3.Router }
  clusters:${cluster("auth", authPort)}${cluster("service", servicePort)}
`,
    drainTimeSeconds: 0,
    log: () => undefined,
    env: {},
  });
  cleanUps.push(() => proxy.close());
  return proxy;
}

test("a question is given up when its client leaves", async () => {
  const asked = Promise.withResolvers<void>();
  const givenUp = Promise.withResolvers<void>();
  const auth = await listen((_request, response) => {
    response.on("close", () => givenUp.resolve());
    asked.resolve();
  });
  const proxy = await startProxy(auth, auth);
  const client = request(`http://127.0.0.1:${proxy.listeners[0]?.port}/`);
  client.on("error", () => undefined).end();
  await asked.promise;
  client.destroy();
  await givenUp.promise;
});

test("a body that nobody asks about waits for the verdict, whole", async () => {
  const sizes: number[] = [];
  const auth = await listen((_request, response) => {
    setTimeout(() => response.end(), 30);
  });
  const service = await listen(async (incoming, response) => {
    sizes.push(Buffer.concat(await incoming.toArray()).length);
    response.end("done");
  });
  const proxy = await startProxy(auth, service);
  // More than the proxy keeps: the client has to wait in between.
  const body = "x".repeat(3_000_000);
  const url = `http://127.0.0.1:${proxy.listeners[0]?.port}/`;
  const response = await fetch(url, { method: "POST", body });
  expect(await response.text()).toBe("done");
  expect(sizes).toEqual([3_000_000]);
});
