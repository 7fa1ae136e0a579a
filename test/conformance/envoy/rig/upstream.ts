/** The services behind the proxy: they note what reaches them, byte for byte, and then behave as the case says. */
import { once } from "node:events";
import http2 from "node:http2";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { sendHttp1 } from "./client.ts";
import { MessageReader, type WireMessage } from "./message-reader.ts";
import type { HeaderLines, SeenRequest, UpstreamAction } from "./recorded-case.ts";

export interface Listening {
  close(): void;
}

export interface UpstreamOptions {
  readonly name: string;
  readonly port: number;
  /** What to do with each request in turn, the last repeats; or who says it for the request that was seen last. */
  readonly actions: readonly UpstreamAction[] | (() => UpstreamAction);
  readonly seen: Pick<SeenRequest[], "push">;
  /** Ports by name, for actions that call out. */
  readonly ports: Readonly<Record<string, number>>;
}

/** What a service in the middle copies from the request it got to the one it makes. */
const propagated = new Set([
  "x-ot-span-context", "x-request-id", "x-b3-traceid", "x-b3-spanid", "x-b3-parentspanid", "x-b3-sampled", "x-b3-flags", "b3",
  "traceparent", "tracestate",
]); // biome-ignore format: a table

export async function startHttp1Upstream(options: UpstreamOptions): Promise<Listening> {
  const { actions, name, seen } = options;
  const nextAction = inTurn(actions);
  return listen(options.port, (socket) => {
    const reader = new MessageReader("request", (message) => {
      const [method, path, version] = message.start;
      const { headers, trailers } = message;
      const body = message.body.toString("utf8");
      seen.push({
        server: name,
        method,
        path,
        version,
        headers,
        body,
        ...(trailers && { trailers }),
      });
      void answer(socket, message, nextAction(), options);
    });
    socket.on("data", (chunk) => reader.push(chunk));
  });
}

function inTurn(actions: UpstreamOptions["actions"]): () => UpstreamAction {
  if (typeof actions === "function") return actions;
  let served = 0;
  return () => actions[Math.min(served++, actions.length - 1)] ?? {};
}

async function answer(
  socket: net.Socket,
  request: WireMessage,
  action: UpstreamAction,
  { ports }: UpstreamOptions,
): Promise<void> {
  if (action.delayMs) await sleep(action.delayMs);
  for (const call of action.calls ?? []) {
    const copied = call.propagate
      ? request.headers.filter(([header]) => propagated.has(header.toLowerCase()))
      : [];
    const headers: HeaderLines = [["host", call.host ?? "next.test"], ...copied];
    await sendHttp1(
      portOf(ports, call.to),
      { method: "GET", path: call.path ?? "/", headers },
      ports,
    );
  }
  if (socket.destroyed || action.noReply) return;
  if (action.close) return void socket.end();
  if (action.reset) return void socket.resetAndDestroy();
  if (action.raw !== undefined) return void socket.write(Buffer.from(action.raw, "latin1"));
  await writeResponse(socket, action, request.start[0] === "HEAD");
}

async function writeResponse(
  socket: net.Socket,
  action: UpstreamAction,
  isHead: boolean,
): Promise<void> {
  const status = action.status ?? 200;
  const body = action.bodySize
    ? Buffer.alloc(action.bodySize, "x")
    : Buffer.from(action.body ?? "hello");
  const lines = action.headers ?? ([["content-type", "text/plain"]] as const);
  const head = [`HTTP/1.1 ${status} X`, ...lines.map(([key, value]) => `${key}: ${value}`)];
  if (action.chunked) {
    const trailers = (action.trailers ?? []).map(([key, value]) => `${key}: ${value}\r\n`).join("");
    socket.write(`${[...head, "transfer-encoding: chunked"].join("\r\n")}\r\n\r\n`);
    if (body.length > 0) socket.write(`${body.length.toString(16)}\r\n${body}\r\n`);
    socket.write(`0\r\n${trailers}\r\n`);
    return;
  }
  if (status !== 204) head.push(`content-length: ${action.declaredLength ?? body.length}`);
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  if (!isHead && status !== 204 && status !== 304) socket.write(body);
  if (action.midBodyClose) {
    // Long enough for the proxy to have passed on what it got.
    await sleep(60);
    socket.end();
  }
}

export async function startHttp2Upstream(options: UpstreamOptions): Promise<Listening> {
  const { name, port, actions, seen } = options;
  const nextAction = inTurn(actions);
  const first = typeof actions === "function" ? undefined : actions[0];
  const maxConcurrentStreams = first?.maxConcurrentStreams;
  const settings = maxConcurrentStreams === undefined ? {} : { maxConcurrentStreams };
  const onRequest: OnHttp2Request = async (stream, request) => {
    seen.push({ server: name, version: "HTTP/2", ...request });
    const action = nextAction();
    if (action.delayMs) await sleep(action.delayMs);
    if (stream.destroyed || action.noReply) return;
    if (action.rst !== undefined) return stream.close(action.rst);
    if (action.goaway) stream.session?.goaway(http2.constants.NGHTTP2_NO_ERROR);
    const { trailers } = action;
    const isEmpty = action.body === "" && !trailers;
    stream.respond(
      {
        ":status": action.status ?? 200,
        ...Object.fromEntries(action.headers ?? [["content-type", "text/plain"]]),
      },
      // Undocumented, but there: without it Node adds a date of its own.
      {
        waitForTrailers: trailers !== undefined,
        endStream: isEmpty,
        sendDate: false,
      } as http2.ServerStreamResponseOptions,
    );
    if (isEmpty) return;
    if (action.resetInBody || action.cutInBody) {
      stream.write("part");
      // Long enough for the proxy to have passed on what it got.
      await sleep(60);
      if (action.cutInBody) return stream.session?.destroy();
      // With close() Node would end the body first.
      return stream.destroy(new Error("reset in the body"));
    }
    if (trailers)
      stream.on("wantTrailers", () => stream.sendTrailers(Object.fromEntries(trailers)));
    stream.end(Buffer.from(action.body ?? "hello", "latin1"));
  };
  return listenHttp2(port, onRequest, settings);
}

export interface Http2Request {
  readonly method: string;
  readonly path: string;
  readonly headers: HeaderLines;
  readonly body: string;
  readonly bytes: Buffer;
  readonly trailers?: HeaderLines;
}

type OnHttp2Request = (
  stream: http2.ServerHttp2Stream,
  request: Omit<Http2Request, "bytes">,
  bytes: Buffer,
) => unknown;

/** An h2c server that hands over whole requests. */
export function listenHttp2(
  port: number,
  onRequest: OnHttp2Request,
  settings: http2.Settings = {},
): Promise<Listening> {
  const sessions = new Set<http2.ServerHttp2Session>();
  const server = http2.createServer({ settings });
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {}).on("close", () => sessions.delete(session));
  });
  server.on("sessionError", () => {});
  server.on("stream", (stream, headers, _flags, raw) => {
    const chunks: Buffer[] = [];
    let trailers: HeaderLines | undefined;
    stream.on("error", () => {});
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("trailers", (_headers, _trailerFlags, lines) => {
      trailers = pairs(lines ?? []);
    });
    stream.on("end", () => {
      const bytes = Buffer.concat(chunks);
      const request = {
        method: String(headers[":method"]),
        path: String(headers[":path"]),
        headers: pairs(raw),
        body: bytes.toString("latin1"),
        ...(trailers && { trailers }),
      };
      onRequest(stream, request, bytes);
    });
  });
  server.listen(port, "127.0.0.1");
  return once(server, "listening").then(() => ({
    close: () => {
      for (const session of sessions) session.destroy();
      server.close();
    },
  }));
}

/** A TCP server on loopback whose connections end with it. */
export async function listen(
  port: number,
  onSocket: (socket: net.Socket) => void,
): Promise<Listening> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    onSocket(socket);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

export function pairs(raw: readonly string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, at) => [
    raw[2 * at] ?? "",
    raw[2 * at + 1] ?? "",
  ]);
}

export function portOf(ports: Readonly<Record<string, number>>, name: string): number {
  const port = ports[name];
  if (port === undefined) throw new Error(`the case names no port ${name}`);
  return port;
}
