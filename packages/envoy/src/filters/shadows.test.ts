import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { startEnvoy } from "../start-envoy.ts";

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Counts what it reads; reads nothing before `sockets` are told to. */
interface Sink {
  readonly port: number;
  readonly sockets: Socket[];
  received: number;
}

async function startSink(reads: boolean): Promise<Sink> {
  const sockets: Socket[] = [];
  const server = createServer({ pauseOnConnect: !reads }, (socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      sink.received += chunk.length;
    });
    if (!reads) socket.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(
    () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(resolve);
      }),
  );
  const sink: Sink = { port: (server.address() as AddressInfo).port, sockets, received: 0 };
  return sink;
}

const extensions = "type.googleapis.com/envoy.extensions.filters";

async function startProxy(service: number, shadow: number): Promise<number> {
  const cluster = (name: string, port: number): object => {
    const endpoint = { address: { socket_address: { address: "127.0.0.1", port_value: port } } };
    return {
      name,
      load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
    };
  };
  const manager = {
    "@type": `${extensions}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "in",
    route_config: {
      virtual_hosts: [
        {
          name: "v",
          domains: ["*"],
          request_mirror_policies: [{ cluster: "shadow" }],
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
      clusters: [cluster("service", service), cluster("shadow", shadow)],
    },
  });
  const proxy = await startEnvoy({ configYaml, drainTimeSeconds: 0, log: () => {}, env: {} });
  cleanUps.push(() => proxy.close());
  return proxy.listeners[0]?.port ?? 0;
}

const mib = 1024 * 1024;

// Real Envoy 1.40.0, same experiment: the service gets 5 MiB of 60, then all of it once the other cluster reads.
test("a cluster that does not read its copy makes the client wait, and nothing is piled up", async () => {
  const service = await startSink(true);
  const shadow = await startSink(false);
  const port = await startProxy(service.port, shadow.port);
  const size = 40 * mib;
  const client = connect(port, "127.0.0.1");
  cleanUps.push(async () => client.destroy());
  client.on("error", () => {});
  client.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${size}\r\n\r\n`);
  client.write(Buffer.alloc(size));
  let before = -1;
  // Until it stands still for two rounds of the test's polling.
  await expect
    .poll(
      () => {
        const stands = service.received > 0 && service.received === before;
        before = service.received;
        return stands;
      },
      { interval: 300, timeout: 8000 },
    )
    .toBe(true);
  expect(service.received).toBeLessThan(size / 2);
  for (const socket of shadow.sockets) socket.resume();
  await expect.poll(() => service.received, { timeout: 8000 }).toBeGreaterThanOrEqual(size);
  await expect.poll(() => shadow.received, { timeout: 8000 }).toBeGreaterThanOrEqual(size);
});

test("a cluster that goes away in the middle of its copy lets the request go on", async () => {
  const service = await startSink(true);
  const shadow = await startSink(false);
  const port = await startProxy(service.port, shadow.port);
  const size = 40 * mib;
  const client = connect(port, "127.0.0.1");
  cleanUps.push(async () => client.destroy());
  client.on("error", () => {});
  client.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${size}\r\n\r\n`);
  client.write(Buffer.alloc(size));
  await expect.poll(() => shadow.sockets.length).toBe(1);
  shadow.sockets[0]?.resetAndDestroy();
  await expect.poll(() => service.received, { timeout: 8000 }).toBeGreaterThanOrEqual(size);
});
