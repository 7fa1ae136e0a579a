import { createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type RunningEnvoy, startEnvoy } from "../start-envoy.ts";

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const types = "type.googleapis.com/envoy.extensions";

/** A gRPC service that sends its message in pieces, cut inside the frame's header. */
async function startService(): Promise<number> {
  const server: Http2Server = createServer();
  server.on("stream", (stream) => {
    stream.respond({ "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.resume();
    stream.on("end", () => {
      stream.write(Buffer.from([0, 0]));
      setImmediate(() => stream.end(Buffer.from("\0\0\u0005reply", "latin1")));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

async function startProxy(port: number): Promise<RunningEnvoy> {
  const proxy = await startEnvoy({
    configYaml: `
static_resources:
  listeners:
  - address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
    per_connection_buffer_limit_bytes: 1024
    filter_chains:
    - filters:
      - name: hcm
        typed_config:
          "@type": ${types}.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: in
          route_config:
            virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: service } }] }]
          http_filters:
          - name: bridge
            typed_config: { "@type": ${types}.filters.http.grpc_http1_bridge.v3.Config, upgrade_protobuf_to_grpc: true }
          - name: router
            typed_config: { "@type": ${types}.filters.http.router.v3.Router }
  clusters:
  - name: service
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": ${types}.upstreams.http.v3.HttpProtocolOptions
        explicit_http_config: { http2_protocol_options: {} }
    load_assignment:
      cluster_name: service
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${port} } } } }] }]
`,
    drainTimeSeconds: 0,
    log: () => undefined,
    env: {},
  });
  cleanUps.push(() => proxy.close());
  return proxy;
}

const post = (proxy: RunningEnvoy, body: string) =>
  fetch(`http://127.0.0.1:${proxy.listeners[0]?.port}/kv.KV/Get`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf" },
    body,
  });

test("takes the frame off an answer that comes in pieces", async () => {
  const proxy = await startProxy(await startService());
  const response = await post(proxy, "ask");
  expect(response.headers.get("grpc-status")).toBe("0");
  expect(response.headers.get("content-length")).toBe("5");
  expect(await response.text()).toBe("reply");
});

test("refuses a message that is larger than what may be kept", async () => {
  const proxy = await startProxy(await startService());
  const response = await post(proxy, "x".repeat(2000));
  // The request is gRPC by now, and so is the answer.
  expect(response.status).toBe(200);
  expect(response.headers.get("grpc-message")).toBe("Payload Too Large");
});
