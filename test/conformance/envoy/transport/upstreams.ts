/** The services behind the proxy: each does one thing, over TCP or TLS. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import type { TestCertificates } from "../../../../packages/envoy/src/tls/test-certificates.ts";

export interface Upstreams {
  /** Ports by name. */
  readonly ports: Readonly<Record<string, number>>;
  /** What TLS upstreams were told in the ClientHello, in order: `<name> sni=<SNI> alpn=<chosen>`. */
  readonly handshakes: string[];
  close(): void;
}

type Serve = (socket: Socket) => void;

/** Answers each request with the request's own head, as lines. */
const echoHttp: Serve = (socket) => {
  let head = "";
  socket.on("data", (chunk) => {
    head += chunk.toString("latin1");
    if (!head.includes("\r\n\r\n")) return;
    const body = head;
    head = "";
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`, "latin1");
  });
};

/** Waits for the end of what it is sent, and has something to say even then. */
const halfClose: Serve = (socket) => {
  socket.once("data", () => socket.write("first"));
  socket.on("end", () => socket.end("after the end"));
};

/** Ends first, and listens on. */
const endsFirst: Serve = (socket) => {
  let received = "";
  socket.end("only this");
  socket.on("data", (chunk) => {
    received += chunk;
  });
  socket.on("end", () => endsFirstReceived.push(received));
};

export const endsFirstReceived: string[] = [];

const resets: Serve = (socket) => {
  socket.once("data", () => socket.resetAndDestroy());
};

export async function startUpstreams(certificates: TestCertificates): Promise<Upstreams> {
  const handshakes: string[] = [];
  const servers: Server[] = [];
  const ports: Record<string, number> = {};
  const listen = async (name: string, server: Server): Promise<void> => {
    server.on("connection", (socket: Socket) => socket.on("error", () => {}));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    servers.push(server);
    ports[name] = (server.address() as AddressInfo).port;
  };
  const tcp = (name: string, serve: Serve): Promise<void> =>
    listen(name, createServer({ allowHalfOpen: true }, serve));
  const tls = (name: string, who: string, options: TlsOptions = {}): Promise<void> => {
    const key = certificates.read(`${who}.key`);
    const cert = certificates.read(`${who}.pem`);
    const server = createTlsServer({ key, cert, ...options }, (socket) => {
      const sni = typeof socket.servername === "string" ? socket.servername : "";
      // A proxy that does not like the certificate says so before or after the handshake; it sends nothing in any case.
      socket.once("data", () =>
        handshakes.push(`${name} sni=${sni} alpn=${socket.alpnProtocol || ""}`),
      );
      socket.on("error", () => {});
      echoHttp(socket);
    });
    server.on("tlsClientError", () => {});
    return listen(name, server);
  };
  await tcp("http", echoHttp);
  await tcp("half-close", halfClose);
  await tcp("ends-first", endsFirst);
  await tcp("resets", resets);
  await tls("tls", "server", { ALPNProtocols: ["http/1.1"] });
  await tls("tls-other", "other");
  await tls("tls-old", "server", { maxVersion: "TLSv1.2" });
  await tls("tls-mutual", "server", {
    ca: certificates.read("ca.pem"),
    requestCert: true,
    rejectUnauthorized: true,
    maxVersion: "TLSv1.2",
  });
  await tls("tls-h2", "server", { ALPNProtocols: ["h2"] });
  // The last one speaks HTTP/2 inside: its TLS server hands the sockets to a session.
  const h2 = createHttp2Server();
  h2.on("stream", (stream, headers) => {
    stream.respond({ ":status": 200 });
    stream.end(`h2 ${headers[":authority"]} ${headers[":scheme"]}`);
  });
  const last = servers.at(-1);
  last?.removeAllListeners("secureConnection");
  last?.on("secureConnection", (socket) => {
    handshakes.push(`tls-h2 sni=${socket.servername || ""} alpn=${socket.alpnProtocol || ""}`);
    h2.emit("connection", socket);
  });
  const datagrams = createSocket("udp4");
  const seen = new Map<number, number>();
  // Tells its clients apart, as each session of the proxy's has a port of its own.
  datagrams.on("message", (message, { address, port }) => {
    if (!seen.has(port)) seen.set(port, seen.size + 1);
    datagrams.send(`session ${seen.get(port)}: ${message}`, port, address);
  });
  datagrams.bind(0, "127.0.0.1");
  await once(datagrams, "listening");
  ports["datagrams"] = datagrams.address().port;
  const dead = createServer().listen(0, "127.0.0.1");
  await once(dead, "listening");
  ports["dead"] = (dead.address() as AddressInfo).port;
  dead.close();
  return {
    ports,
    handshakes,
    close: () => {
      datagrams.close();
      for (const server of servers) server.close();
    },
  };
}
