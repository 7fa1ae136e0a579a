import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import corpus from "../../goldens/http1-upstream-corpus.json" with { type: "json" };
import { HeaderMap } from "../http/header-map.ts";
import type { ConnectionPool, UpstreamReceiver, UpstreamStream } from "../http/stream.ts";
import { createConnectionPool } from "./connection-pool.ts";

/** What real Envoy 1.40.0 made of each upstream's bytes. */
type Segments = string | readonly (string | { readonly repeat: string; readonly times: number })[];

interface Case {
  readonly name: string;
  readonly method?: string;
  /** The upstream answers while the request's body is still missing. */
  readonly early?: boolean;
  readonly upstream: Segments;
  readonly then: "open" | "close" | "rst" | "later";
  readonly resetBeforeHeaders?: string;
  readonly resetAfterHeaders?: string;
  readonly status?: number;
  readonly headers?: readonly (readonly [string, Segments])[];
  readonly reused: boolean;
}

function text(segments: Segments): string {
  if (typeof segments === "string") return segments;
  return segments.map((s) => (typeof s === "string" ? s : s.repeat.repeat(s.times))).join("");
}

/** Serves one script to whoever sends a request head, and counts connections. */
class ScriptedUpstream {
  script = "";
  ending: Case["then"] = "open";
  connections = 0;
  readonly server: Server = createServer((socket) => this.#serve(socket));

  #serve(socket: Socket): void {
    this.connections += 1;
    let seen = "";
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      seen += chunk.toString("latin1");
      if (!seen.includes("\r\n\r\n")) return;
      seen = "";
      const { ending } = this;
      socket.write(Buffer.from(this.script, "latin1"), () => {
        if (ending === "close") socket.end();
        // The bytes must have been read before the RST, which would overtake them.
        if (ending === "rst") setTimeout(() => socket.resetAndDestroy(), 20);
        if (ending === "later") socket.write("UNASKED");
      });
    });
  }
}

interface Outcome {
  headers: HeaderMap | undefined;
  reset: string | undefined;
}

function exchange(pool: ConnectionPool, method: string, early: boolean): Promise<Outcome> {
  return new Promise((resolve) => {
    const outcome: Outcome = { headers: undefined, reset: undefined };
    const end = (): void => resolve(outcome);
    const receiver: UpstreamReceiver = {
      onPoolReady(stream: UpstreamStream) {
        const lines = [":method", method, ":path", "/", ":authority", "a", ":scheme", "http"];
        if (early) lines.push("content-length", "10");
        stream.encodeHeaders(new HeaderMap(lines), !early);
      },
      onPoolFailure(reason) {
        outcome.reset = reason;
        end();
      },
      onInformational() {},
      onHeaders(headers, endStream) {
        outcome.headers = headers;
        if (endStream) end();
      },
      onData(_chunk, endStream) {
        if (endStream) end();
      },
      onTrailers: end,
      onReset(reason) {
        outcome.reset = reason;
        end();
      },
      onDrain() {},
    };
    pool.newStream(receiver);
  });
}

const upstream = new ScriptedUpstream();
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => upstream.server.listen(0, "127.0.0.1", resolve));
  port = (upstream.server.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => upstream.server.close(resolve)));

const ignored = new Set(["connection", "transfer-encoding", "upgrade", "keep-alive"]);

test.each(corpus as unknown as Case[])("reads as Envoy: upstream sends $name", async (golden) => {
  const pool = createConnectionPool({
    host: { address: "127.0.0.1", port },
    protocol: "HTTP/1.1",
    connectTimeoutMs: 5000,
    idleTimeoutMs: 3_600_000,
    writeBufferHighWatermarkBytes: 1024 * 1024,
    enableTrailers: false,
    maxResponseHeadersBytes: 80 * 1024,
  });
  upstream.script = text(golden.upstream);
  upstream.ending = golden.then;
  const outcome = await exchange(pool, golden.method ?? "GET", golden.early ?? false);

  expect(outcome.reset).toBe(golden.resetBeforeHeaders ?? golden.resetAfterHeaders);
  if (golden.resetBeforeHeaders !== undefined) expect(outcome.headers).toBeUndefined();
  else {
    expect(outcome.headers?.get(":status")).toBe(String(golden.status));
    const lines = [...(outcome.headers ?? [])].filter(
      ([name]) => name !== ":status" && !ignored.has(name),
    );
    expect(lines).toEqual(golden.headers?.map(([name, value]) => [name, text(value)]));
  }

  // Bytes after the end of a response condemn the connection once they are there.
  if (golden.then === "later") await expect.poll(() => pool.activeConnections).toBe(0);
  const before = upstream.connections;
  upstream.script = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
  upstream.ending = "open";
  await exchange(pool, "GET", false);
  expect(upstream.connections === before).toBe(golden.reused);
  await pool.close(0);
});
