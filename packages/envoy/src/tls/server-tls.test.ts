import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type RunningEnvoy, startEnvoy } from "../start-envoy.ts";
import { createTestCertificates, type TestCertificates } from "./test-certificates.ts";

let certificates: TestCertificates;
beforeAll(() => {
  certificates = createTestCertificates();
});
afterAll(() => certificates.remove());

const running: RunningEnvoy[] = [];
afterEach(async () => {
  for (const envoy of running.splice(0)) await envoy.close();
});

function config(
  who: readonly string[],
  text: string,
  chain = "",
  validation = "",
  context = "",
): string {
  const pairs = who.map(
    (name) => `
            - certificate_chain: { filename: ${certificates.folder}/${name}.pem }
              private_key: { filename: ${certificates.folder}/${name}.key }`,
  );
  return `
admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
static_resources:
  listeners:
  - address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
    stat_prefix: front
    filter_chains:
    - transport_socket:
        name: tls
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
${context}          common_tls_context:
            alpn_protocols: [http/1.1]
${validation}            tls_certificates:${pairs.join("")}
      ${chain}
      filters:
      - name: manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: http
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: { prefix: / }
                direct_response: { status: 200, body: { inline_string: ${text} } }
          http_filters:
          - name: router
            typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
`;
}

async function start(configYaml: string): Promise<{ envoy: RunningEnvoy; port: number }> {
  const envoy = await startEnvoy({ configYaml, log: () => {}, drainTimeSeconds: 1 });
  running.push(envoy);
  return { envoy, port: envoy.listeners[0]?.port ?? 0 };
}

async function secure(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options });
  await once(socket, "secureConnect");
  return socket;
}

async function subject(port: number, servername: string): Promise<string | undefined> {
  const socket = await secure(port, { servername });
  const certificate = socket.getPeerX509Certificate();
  socket.destroy();
  return certificate?.subject;
}

async function body(socket: TLSSocket): Promise<string> {
  socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  const [answer] = await once(socket, "data");
  return String(answer).split("\r\n\r\n").at(-1) ?? "";
}

async function stat(envoy: RunningEnvoy, name: string): Promise<number | undefined> {
  const { address, port } = envoy.admin as { address: string; port: number };
  const text = await (await fetch(`http://${address}:${port}/stats`)).text();
  const line = text.split("\n").find((one) => one.startsWith(`${name}: `));
  return line === undefined ? undefined : Number(line.slice(name.length + 2));
}

test("of two certificates of one kind the one for the name is shown, else the first", async () => {
  const { port } = await start(config(["client", "server"], "hello"));
  expect(await subject(port, "x.wild.test")).toBe("CN=server.test");
  expect(await subject(port, "client.test")).toBe("CN=client.test");
  expect(await subject(port, "nobody.test")).toBe("CN=client.test");
});

test("a changed file puts other certificates in place; connections that are there go on", async () => {
  const { envoy, port } = await start(config(["server"], "before"));
  const early = await secure(port, { servername: "a.test" });
  expect(await body(early)).toBe("before");
  await envoy.reload(config(["other"], "after"));
  expect(await body(early)).toBe("after");
  expect(early.getPeerX509Certificate()?.subject ?? "CN=server.test").toBe("CN=server.test");
  early.destroy();
  expect(await subject(port, "a.test")).toBe("CN=other.test");
});

test("a certificate that was not accepted is not accepted in a resumed session either", async () => {
  const { port } = await start(
    config(
      ["server"],
      "hello",
      "",
      `            validation_context: { trusted_ca: { filename: ${certificates.folder}/ca.pem } }\n`,
      "          require_client_certificate: true\n",
    ),
  );
  const credentials = (who: string): ConnectionOptions => ({
    key: certificates.read(`${who}.key`),
    cert: certificates.read(`${who}.pem`),
  });
  /** What the answer to a request was, and the session to come back with. */
  const visit = async (options: ConnectionOptions): Promise<[string, Buffer | undefined]> => {
    const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options });
    let session: Buffer | undefined;
    let answer = "";
    socket.on("session", (given) => {
      session = given;
    });
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      answer += String(chunk);
      socket.end();
    });
    socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    // An error comes before it and says no more.
    await new Promise<void>((resolve) => socket.on("close", () => resolve()));
    return [answer.split("\r\n\r\n").at(-1) ?? "", session];
  };
  const [good, trusted] = await visit(credentials("client"));
  expect(good).toBe("hello");
  expect((await visit({ session: trusted, ...credentials("client") }))[0]).toBe("hello");
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    const [refused, session] = await visit({ maxVersion, ...credentials("other") });
    expect(refused).toBe("");
    const again = { maxVersion, ...(session === undefined ? {} : { session }) };
    expect((await visit({ ...again, ...credentials("other") }))[0]).toBe("");
    expect((await visit(again))[0]).toBe("");
  }
});

test("a handshake that does not come to its end is given up", async () => {
  const text = config(["server"], "hello", "transport_socket_connect_timeout: 0.05s");
  const { envoy, port } = await start(text);
  // Nothing at all, and the first half of a ClientHello.
  for (const begin of [Buffer.alloc(0), Buffer.from([22, 3, 1, 1, 0, 1])]) {
    const socket = connect(port, "127.0.0.1");
    socket.write(begin);
    socket.resume();
    await once(socket, "close");
  }
  const name = "listener.front.downstream_cx_transport_socket_connect_timeout";
  await expect.poll(() => stat(envoy, name)).toBe(2);
  await expect.poll(() => stat(envoy, "listener.front.downstream_cx_active")).toBe(0);
});

test("broken handshakes of every length end, and only they", async () => {
  const { envoy, port } = await start(config(["server"], "hello"));
  const recorder = (await import("node:net")).createServer();
  recorder.listen(0, "127.0.0.1");
  await once(recorder, "listening");
  const client = connectTls({
    port: (recorder.address() as AddressInfo).port,
    servername: "a.test",
  });
  client.on("error", () => {});
  const [peer] = await once(recorder, "connection");
  const [hello] = (await once(peer, "data")) as [Buffer];
  peer.destroy();
  recorder.close();
  const good = await secure(port, { servername: "a.test" });
  for (let length = 1; length < hello.length; length += 7) {
    const cut = connect(port, "127.0.0.1");
    cut.on("error", () => {});
    cut.end(hello.subarray(0, length));
    cut.resume();
    const wrong = connect(port, "127.0.0.1");
    wrong.on("error", () => {});
    const bytes = Buffer.from(hello);
    bytes[length] = (bytes[length] ?? 0) ^ 0xff;
    wrong.end(bytes);
    wrong.resume();
    await Promise.all([once(cut, "close"), once(wrong, "close")]);
  }
  expect(await body(good)).toBe("hello");
  good.destroy();
  await expect.poll(() => stat(envoy, "listener.front.downstream_cx_active")).toBe(0);
});
