import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { HeaderMap } from "../http/header-map.ts";
import type {
  ConnectionPool,
  DownstreamStream,
  ServerCodecOptions,
  ServerConnectionCallbacks,
  StreamReceiver,
  UpstreamStream,
} from "../http/stream.ts";
import { createConnectionPool } from "../upstream/connection-pool.ts";
import { createHttpListener, type HttpListener } from "./http-listener.ts";

const codecOptions: ServerCodecOptions = {
  codecType: "AUTO",
  maxRequestHeadersBytes: 60 * 1024,
  maxRequestHeadersCount: 100,
  acceptHttp10: false,
  allowAbsoluteUrl: true,
  enableTrailers: false,
  properCaseResponse: false,
  drainTimeoutMs: 20,
  delayedCloseTimeoutMs: 20,
  writeBufferHighWatermarkBytes: 256 * 1024,
};

/** The least a proxy does: every stream is joined to one of the pool, back-pressure included. */
class Relay implements ServerConnectionCallbacks {
  readonly pool: ConnectionPool;
  readonly resets: string[] = [];
  constructor(pool: ConnectionPool) {
    this.pool = pool;
  }

  onRequest(down: DownstreamStream, headers: HeaderMap, endStream: boolean): StreamReceiver {
    let up: UpstreamStream | undefined;
    const waiting: { chunk: Buffer; end: boolean }[] = [];
    headers.add(":scheme", "http");
    const send = (chunk: Buffer, end: boolean): void => {
      if (up?.encodeData(chunk, end) === false) down.pauseReading();
    };
    this.pool.newStream({
      onPoolReady: (stream) => {
        up = stream;
        stream.encodeHeaders(headers, endStream);
        for (const { chunk, end } of waiting) send(chunk, end);
      },
      onPoolFailure: (reason, details) => this.resets.push(`${reason} ${details}`),
      onInformational: () => {},
      onHeaders: (response, end) => down.encodeHeaders(response, end),
      onData: (chunk, end) => {
        if (!down.encodeData(chunk, end)) up?.pauseReading();
      },
      onTrailers: (trailers) => down.encodeTrailers(trailers),
      onReset: (reason) => {
        this.resets.push(`upstream ${reason}`);
        down.reset(reason);
      },
      onDrain: () => down.resumeReading(),
    });
    return {
      onData: (chunk, end) => {
        if (up === undefined) waiting.push({ chunk, end });
        else send(chunk, end);
      },
      onTrailers: (trailers) => up?.encodeTrailers(trailers),
      onReset: (reason) => {
        this.resets.push(`downstream ${reason}`);
        up?.reset("local reset");
      },
      onDrain: () => up?.resumeReading(),
    };
  }
  onRefused(): void {}
  onConnectionOpened(): void {}
  onConnectionClosed(): void {}
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serveTcp(serve: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => {});
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function relayTo(
  port: number,
  options: Partial<ServerCodecOptions> = {},
): Promise<{ listener: HttpListener; relay: Relay }> {
  const pool = createConnectionPool({
    host: { address: "127.0.0.1", port },
    protocol: "HTTP/1.1",
    connectTimeoutMs: 5000,
    idleTimeoutMs: 3_600_000,
    writeBufferHighWatermarkBytes: 256 * 1024,
    enableTrailers: false,
    maxResponseHeadersBytes: 80 * 1024,
  });
  const relay = new Relay(pool);
  const listener = await createHttpListener({
    address: "127.0.0.1",
    port: 0,
    options: { ...codecOptions, ...options },
    callbacks: relay,
  });
  cleanups.push(
    () => pool.close(0),
    () => listener.close(0),
  );
  return { listener, relay };
}

/** Everything the server says until it closes. */
async function talk(port: number, request: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
  });
  socket.write(request, "latin1");
  await once(socket, "close");
  return received;
}

const hello = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

test("a head that does not come to its end is answered with 408", async () => {
  const { listener } = await relayTo(1, { requestHeadersTimeoutMs: 20 });
  const answer = await talk(listener.port, "GET / HTTP/1.1\r\nhost: a");
  expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(answer).toMatch(/connection: close\r\n\r\nrequest header timeout$/);
});

test("an idle connection is drained, then closed", async () => {
  const port = await serveTcp((socket) => socket.on("data", () => socket.write(hello)));
  const { listener } = await relayTo(port, { idleTimeoutMs: 20 });
  expect(await talk(listener.port, "GET / HTTP/1.1\r\nhost: a\r\n\r\n")).toBe(hello);
});

test("an upstream that refuses connections is named", async () => {
  const { listener, relay } = await relayTo(1);
  const socket = connect(listener.port, "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await expect
    .poll(() => relay.resets)
    .toEqual(["remote connection failure delayed_connect_error:_Connection_refused"]);
  socket.destroy();
});

test("a client that leaves resets its upstream request", async () => {
  const closed = Promise.withResolvers<void>();
  const port = await serveTcp((socket) => socket.on("close", () => closed.resolve()).resume());
  const { listener, relay } = await relayTo(port);
  const socket = connect(listener.port, "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await expect.poll(() => relay.pool.activeConnections).toBe(1);
  socket.end();
  await closed.promise;
  expect(relay.resets).toEqual(["downstream connection termination"]);
});

test("an upgrade passes raw bytes both ways", async () => {
  const port = await serveTcp((socket) => {
    socket.once("data", () => {
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n",
      );
      socket.on("data", (chunk) => socket.end(chunk.toString("latin1").toUpperCase()));
    });
  });
  const { listener } = await relayTo(port);
  const socket = connect(listener.port, "127.0.0.1");
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
    if (received.endsWith("websocket\r\n\r\n")) socket.write("ping");
  });
  socket.write("GET / HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n");
  await once(socket, "close");
  expect(received).toBe(
    "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\nPING",
  );
});

test("HTTP/2 with prior knowledge is taken on the same port", async () => {
  const port = await serveTcp((socket) => socket.on("data", () => socket.write(hello)));
  const { listener } = await relayTo(port);
  const session = connectHttp2(`http://127.0.0.1:${listener.port}`);
  const stream = session.request({ ":path": "/h2" });
  let body = "";
  stream.on("data", (chunk) => {
    body += String(chunk);
  });
  const [headers] = await once(stream, "response");
  await once(stream, "end");
  session.close();
  expect([headers[":status"], headers["content-length"], body]).toEqual([200, "5", "hello"]);
});

test("100 MB go through in both directions in little memory", async () => {
  const size = 100 * 1024 * 1024;
  const port = await serveTcp((socket) => {
    let began = false;
    socket.on("data", (chunk) => {
      const headEnd = began ? 0 : chunk.indexOf("\r\n\r\n") + 4;
      if (!began) socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
      began = true;
      if (!socket.write(chunk.subarray(headEnd))) socket.pause();
    });
    socket.on("drain", () => socket.resume());
  });
  const { listener } = await relayTo(port);
  const socket = connect(listener.port, "127.0.0.1");
  const chunk = Buffer.alloc(64 * 1024, "x");
  let sent = 0;
  let received = 0;
  const before = process.memoryUsage.rss();
  let peak = before;
  const pump = (): void => {
    while (sent < size) {
      sent += chunk.length;
      if (!socket.write(chunk)) return;
    }
  };
  socket.on("drain", pump);
  const done = Promise.withResolvers<void>();
  socket.on("close", () => done.resolve());
  socket.on("data", (data) => {
    received += data.length;
    peak = Math.max(peak, process.memoryUsage.rss());
    if (received > size) done.resolve();
  });
  socket.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${size}\r\n\r\n`);
  pump();
  await done.promise;
  expect(received).toBeGreaterThan(size);
  expect(peak - before).toBeLessThan(150 * 1024 * 1024);
  socket.destroy();
});
