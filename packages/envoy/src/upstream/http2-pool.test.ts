import {
  constants,
  createServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type Settings,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { HeaderMap } from "../http/header-map.ts";
import type { ConnectionPool, UpstreamReceiver, UpstreamStream } from "../http/stream.ts";
import type { Http2Limits } from "../http2/settings.ts";
import { createConnectionPool } from "./connection-pool.ts";

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Service {
  readonly server: Http2Server;
  readonly sessions: ServerHttp2Session[];
  readonly port: number;
}

async function serve(
  answer: (stream: ServerHttp2Stream) => void,
  settings: Settings = {},
): Promise<Service> {
  const server = createServer({ settings });
  const sessions: ServerHttp2Session[] = [];
  server.on("session", (session) => {
    sessions.push(session);
    session.on("error", () => {});
  });
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    answer(stream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(
    () =>
      new Promise((resolve) => {
        for (const session of sessions) session.destroy();
        server.close(resolve);
      }),
  );
  return { server, sessions, port: (server.address() as AddressInfo).port };
}

function poolTo(port: number, http2: Http2Limits = {}): ConnectionPool {
  const pool = createConnectionPool({
    host: { address: "127.0.0.1", port },
    protocol: "HTTP/2",
    connectTimeoutMs: 5000,
    idleTimeoutMs: 3_600_000,
    writeBufferHighWatermarkBytes: 64 * 1024,
    enableTrailers: true,
    maxResponseHeadersBytes: 80 * 1024,
    http2,
  });
  cleanUps.push(() => pool.close(0));
  return pool;
}

/** One request, and what comes of it. */
class Exchange implements UpstreamReceiver {
  stream: UpstreamStream | undefined;
  status: string | undefined;
  body = "";
  bytes = 0;
  trailers: HeaderMap | undefined;
  reset: string | undefined;
  drains = 0;
  ended = false;
  onChunk: () => void = () => {};
  readonly #ready: (stream: UpstreamStream) => void;

  constructor(ready: (stream: UpstreamStream) => void = (stream) => sendHead(stream, true)) {
    this.#ready = ready;
  }

  onPoolReady(stream: UpstreamStream): void {
    this.stream = stream;
    this.#ready(stream);
  }
  onPoolFailure(reason: string): void {
    this.reset = reason;
  }
  onInformational(): void {}
  onHeaders(headers: HeaderMap, endStream: boolean): void {
    this.status = headers.get(":status");
    this.ended = endStream;
  }
  onData(chunk: Buffer, endStream: boolean): void {
    this.bytes += chunk.length;
    if (this.bytes < 1000) this.body += chunk.toString();
    this.onChunk();
    this.ended = endStream;
  }
  onTrailers(trailers: HeaderMap): void {
    this.trailers = trailers;
    this.ended = true;
  }
  onReset(reason: string): void {
    this.reset = reason;
  }
  onDrain(): void {
    this.drains++;
  }
}

function sendHead(stream: UpstreamStream, endStream: boolean): void {
  const lines = [":method", "POST", ":path", "/", ":authority", "a", ":scheme", "http"];
  stream.encodeHeaders(new HeaderMap(lines), endStream);
}

function start(pool: ConnectionPool, exchange: Exchange = new Exchange()): Exchange {
  pool.newStream(exchange);
  return exchange;
}

const over = (exchange: Exchange): Promise<void> =>
  expect.poll(() => exchange.ended || exchange.reset !== undefined, { timeout: 5000 }).toBe(true);

describe("an HTTP/2 pool", () => {
  test("carries bodies and trailers both ways", async () => {
    let received = "";
    let trailers: unknown;
    const { port } = await serve((stream) => {
      stream.on("data", (chunk) => {
        received += chunk;
      });
      stream.on("trailers", (lines) => {
        trailers = lines["x-request-sum"];
      });
      stream.on("end", () => {
        stream.respond({ ":status": 200 }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "5" }));
        stream.end("answer");
      });
    });
    const exchange = start(
      poolTo(port),
      new Exchange((stream) => {
        sendHead(stream, false);
        stream.encodeData(Buffer.from("question"), false);
        stream.encodeTrailers(new HeaderMap(["x-request-sum", "42"]));
      }),
    );
    await over(exchange);
    expect({ received, trailers }).toEqual({ received: "question", trailers: "42" });
    expect(exchange.status).toBe("200");
    expect(exchange.body).toBe("answer");
    expect(exchange.trailers?.get("grpc-status")).toBe("5");
    expect(exchange.reset).toBeUndefined();
  });

  // As real Envoy 1.40.0 calls them: test/conformance/envoy/forwarding, http2-01.
  test.each([
    [constants.NGHTTP2_NO_ERROR, "remote reset"],
    [constants.NGHTTP2_PROTOCOL_ERROR, "protocol error"],
    [constants.NGHTTP2_INTERNAL_ERROR, "remote reset"],
    [constants.NGHTTP2_REFUSED_STREAM, "remote refused stream reset"],
    [constants.NGHTTP2_CANCEL, "remote reset"],
    [constants.NGHTTP2_ENHANCE_YOUR_CALM, "remote reset"],
  ])("RST_STREAM %i is a %s, and the connection goes on", async (code, reason) => {
    const { port, sessions } = await serve((stream) => stream.close(code));
    const pool = poolTo(port);
    const exchange = start(pool);
    await over(exchange);
    expect(exchange.reset).toBe(reason);
    await over(start(pool));
    expect(sessions).toHaveLength(1);
  });

  test("a connection cut in the middle of a body does not end the body", async () => {
    const { port } = await serve((stream) => {
      stream.respond({ ":status": 200 });
      stream.write("part", () => setImmediate(() => stream.session?.destroy()));
    });
    const exchange = start(poolTo(port));
    await over(exchange);
    expect(exchange.ended).toBe(false);
    expect(exchange.reset).toBe("connection termination");
  });

  test("a whole response is read to its end although the connection is closed behind it", async () => {
    const size = 200_000;
    const { port } = await serve((stream) => {
      stream.respond({ ":status": 200 });
      stream.end(Buffer.alloc(size));
      const { session } = stream;
      stream.on("close", () => session?.destroy());
      session?.on("close", () => exchange.stream?.resumeReading());
    });
    const exchange = new Exchange();
    exchange.onChunk = () => {
      exchange.onChunk = () => {};
      exchange.stream?.pauseReading();
    };
    start(poolTo(port, { connectionWindowBytes: 65_535 }), exchange);
    await over(exchange);
    expect({ bytes: exchange.bytes, reset: exchange.reset }).toEqual({
      bytes: size,
      reset: undefined,
    });
  });

  test("GOAWAY lets a stream finish and sends the next one elsewhere", async () => {
    const streams: ServerHttp2Stream[] = [];
    const { port, sessions } = await serve((stream) => {
      streams.push(stream);
      stream.respond({ ":status": 200 });
    });
    const pool = poolTo(port);
    const first = start(pool);
    await expect.poll(() => first.status).toBe("200");
    sessions[0]?.goaway(constants.NGHTTP2_NO_ERROR);
    const ping = new Promise((resolve) => sessions[0]?.ping(() => resolve(undefined)));
    await ping;
    const second = start(pool);
    await expect.poll(() => second.status).toBe("200");
    expect(sessions).toHaveLength(2);
    streams[0]?.end("late");
    await over(first);
    expect({ body: first.body, reset: first.reset }).toEqual({ body: "late", reset: undefined });
    await expect.poll(() => pool.activeConnections).toBe(1);
  });

  test("no more streams on a connection than the service allows", async () => {
    const streams: ServerHttp2Stream[] = [];
    const { port, sessions } = await serve(
      (stream) => {
        streams.push(stream);
        stream.respond({ ":status": 200 });
      },
      { maxConcurrentStreams: 2 },
    );
    const pool = poolTo(port);
    const first = start(pool);
    await expect.poll(() => first.status).toBe("200");
    const others = [start(pool), start(pool)];
    await expect.poll(() => others.map(({ status }) => status)).toEqual(["200", "200"]);
    expect(sessions).toHaveLength(2);
    // A place that becomes free is used again.
    streams[0]?.end();
    await over(first);
    const fourth = start(pool);
    await expect.poll(() => fourth.status).toBe("200");
    expect(sessions).toHaveLength(2);
  });

  test("nor more than the cluster allows", async () => {
    const { port, sessions } = await serve((stream) => stream.respond({ ":status": 200 }));
    const pool = poolTo(port, { maxConcurrentStreams: 1 });
    const exchanges = [start(pool), start(pool), start(pool)];
    await expect.poll(() => exchanges.map(({ status }) => status)).toEqual(["200", "200", "200"]);
    expect(sessions).toHaveLength(3);
  });

  test("a service that does not read makes the sender wait, until it reads", async () => {
    let waiting: ServerHttp2Stream | undefined;
    const { port } = await serve((stream) => {
      waiting = stream;
      stream.respond({ ":status": 200 });
    });
    let sent = 0;
    const chunk = Buffer.alloc(32 * 1024);
    const exchange = start(
      poolTo(port),
      new Exchange((stream) => {
        sendHead(stream, false);
        while (sent < 100 * chunk.length) {
          sent += chunk.length;
          if (!stream.encodeData(chunk, false)) return;
        }
      }),
    );
    await expect.poll(() => exchange.status).toBe("200");
    expect(sent).toBeLessThan(20 * chunk.length);
    expect(exchange.drains).toBe(0);
    waiting?.resume();
    await expect.poll(() => exchange.drains).toBe(1);
  });

  test("a receiver that pauses holds the service up", async () => {
    let written = 0;
    const { port } = await serve((stream) => {
      stream.respond({ ":status": 200 });
      const pump = (): void => {
        while (written < 8 * 1024 * 1024) {
          written += 64 * 1024;
          if (!stream.write(Buffer.alloc(64 * 1024))) {
            stream.once("drain", pump);
            return;
          }
        }
        stream.end();
      };
      pump();
    });
    const exchange = new Exchange();
    exchange.onChunk = () => exchange.stream?.pauseReading();
    start(poolTo(port, { streamWindowBytes: 256 * 1024 }), exchange);
    let before = -1;
    await expect
      .poll(
        () => {
          const stands = written > 0 && written === before;
          before = written;
          return stands;
        },
        { interval: 100 },
      )
      .toBe(true);
    expect(written).toBeLessThan(4 * 1024 * 1024);
    exchange.onChunk = () => {};
    exchange.stream?.resumeReading();
    await over(exchange);
    expect(exchange.bytes).toBe(8 * 1024 * 1024);
  });

  test("closing the pool lets what is under way finish", async () => {
    let running: ServerHttp2Stream | undefined;
    const { port } = await serve((stream) => {
      running = stream;
      stream.respond({ ":status": 200 });
    });
    const pool = poolTo(port);
    const exchange = start(pool);
    await expect.poll(() => exchange.status).toBe("200");
    const closed = pool.close(5000);
    const late = start(pool);
    expect(late.reset).toBe("remote connection failure");
    running?.end("done");
    await closed;
    expect({ body: exchange.body, ended: exchange.ended }).toEqual({ body: "done", ended: true });
  });
});
