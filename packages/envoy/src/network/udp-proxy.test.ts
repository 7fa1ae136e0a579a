import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { type RunningEnvoy, startEnvoy } from "../start-envoy.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function client(): Promise<Socket> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  cleanups.push(() => socket.close());
  return socket;
}

/** A proxy in front of one endpoint that answers with what it got and from which port. */
async function start(maxConnections: number): Promise<{ envoy: RunningEnvoy; port: number }> {
  const service = createSocket("udp4");
  service.on("message", (message, { port, address }) =>
    service.send(`${message} from ${port}`, port, address),
  );
  service.bind(0, "127.0.0.1");
  await once(service, "listening");
  cleanups.push(() => service.close());
  const envoy = await startEnvoy({
    log: () => {},
    configYaml: `
static_resources:
  listeners:
  - address: { socket_address: { address: 127.0.0.1, port_value: 0, protocol: UDP } }
    listener_filters:
    - name: udp
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig
        stat_prefix: udp
        cluster: service
  clusters:
  - name: service
    circuit_breakers: { thresholds: [ { max_connections: ${maxConnections} } ] }
    load_assignment:
      cluster_name: service
      endpoints:
      - lb_endpoints:
        - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${service.address().port} } } }
`,
  });
  cleanups.push(() => envoy.close());
  return { envoy, port: envoy.listeners[0]?.port ?? 0 };
}

async function ask(socket: Socket, port: number, text: string): Promise<string> {
  socket.send(text, port, "127.0.0.1");
  const [answer] = await once(socket, "message");
  return String(answer);
}

test("a client keeps its session, another has one of its own", async () => {
  const { port } = await start(10);
  const [a, b] = [await client(), await client()];
  const first = await ask(a, port, "x");
  expect(first).toMatch(/^x from \d+$/);
  expect(await ask(a, port, "x")).toBe(first);
  expect(await ask(b, port, "x")).not.toBe(first);
});

test("there are no more sessions than the cluster allows connections", async () => {
  const { port } = await start(1);
  const [a, b] = [await client(), await client()];
  let heard = 0;
  b.on("message", () => {
    heard++;
  });
  await ask(a, port, "x");
  b.send("y", port, "127.0.0.1");
  // Whatever became of y, it was dealt with before this came back.
  await ask(a, port, "x");
  await ask(a, port, "x");
  expect(heard).toBe(0);
});
