import fc from "fast-check";
import { expect, test } from "vitest";
import type { HeaderMap } from "../http/header-map.ts";
import type { ServerCodecOptions, ServerConnectionCallbacks } from "../http/stream.ts";
import { Deadlines } from "../listener/deadlines.ts";
import { MemorySocket, settled } from "./memory-socket.ts";
import { parseRequestHead } from "./request-head.ts";
import { parseResponseHead } from "./response-head.ts";
import { Http1ServerConnection } from "./server-connection.ts";

const options: ServerCodecOptions = {
  codecType: "HTTP1",
  maxRequestHeadersBytes: 4096,
  maxRequestHeadersCount: 20,
  acceptHttp10: true,
  allowAbsoluteUrl: true,
  enableTrailers: true,
  properCaseResponse: false,
  drainTimeoutMs: 5000,
  delayedCloseTimeoutMs: 0,
  writeBufferHighWatermarkBytes: 1024 * 1024,
};

interface Message {
  readonly lines: readonly string[];
  body: string;
  trailers: readonly string[];
}

/** Feeds `pieces` to a codec whose every request is answered with an empty 200. */
async function serve(pieces: readonly Buffer[]): Promise<{ messages: Message[]; written: string }> {
  const messages: Message[] = [];
  const callbacks: ServerConnectionCallbacks = {
    onRequest(stream, headers: HeaderMap, endStream) {
      const message: Message = { lines: headers.lines, body: "", trailers: [] };
      messages.push(message);
      const answer = (): void => stream.encodeHeaders(reply, true);
      if (endStream) answer();
      return {
        onData(chunk, end) {
          message.body += chunk.toString("latin1");
          if (end) answer();
        },
        onTrailers(trailers) {
          message.trailers = trailers.lines;
          answer();
        },
        onReset() {},
        onDrain() {},
      };
    },
    onRefused() {},
    onConnectionOpened() {},
    onConnectionClosed() {},
  };
  const socket = new MemorySocket();
  const deadlines = new Deadlines();
  const info = { id: 1, remoteAddress: "::1", remotePort: 1, localAddress: "::1", localPort: 2 };
  const connection = new Http1ServerConnection(
    socket.asSocket,
    info,
    options,
    callbacks,
    deadlines,
  );
  socket.on("close", () => connection.socketClosed());
  for (const piece of pieces) if (!socket.destroyed) socket.receive(piece);
  await settled();
  const { written } = socket;
  socket.destroy();
  deadlines.close();
  return { messages, written: written.replace(/date: [^\r]*/g, "") };
}

const { HeaderMap: Headers } = await import("../http/header-map.ts");
const reply = new Headers([":status", "200"]);

const token = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9-]{0,12}$/).map((name) => `x-${name}`);
const value = fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/);
const body = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((c) => String.fromCharCode(c)),
  maxLength: 60,
});

const request = fc
  .record({
    headers: fc.array(fc.tuple(token, value), { maxLength: 6 }),
    chunks: fc.option(fc.array(body, { maxLength: 4 })),
    length: body,
    trailers: fc.array(fc.tuple(token, value), { maxLength: 2 }),
    path: fc.stringMatching(/^\/[a-z0-9?=&%.]{0,20}$/),
  })
  .map(({ headers, chunks, length, trailers, path }) => {
    const head = `POST ${path} HTTP/1.1\r\nHost: a.test\r\n${headers.map(([n, v]) => `${n}: ${v}\r\n`).join("")}`;
    const fields = headers.flatMap(([n, v]) => [n.toLowerCase(), v]);
    if (chunks === null) {
      const bytes = `${head}content-length: ${length.length}\r\n\r\n${length}`;
      return { bytes, path, fields, body: length, trailers: [] as string[] };
    }
    const full = chunks.filter((chunk) => chunk !== "");
    const coded = full.map((chunk) => `${chunk.length.toString(16)};x=y\r\n${chunk}\r\n`).join("");
    const end = `0\r\n${trailers.map(([n, v]) => `${n}: ${v}\r\n`).join("")}\r\n`;
    return {
      bytes: `${head}transfer-encoding: chunked\r\n\r\n${coded}${end}`,
      path,
      fields,
      body: full.join(""),
      trailers: trailers.flatMap(([n, v]) => [n.toLowerCase(), v]),
    };
  });

/** Cuts `bytes` at the given fractions. */
function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const points = [
    ...new Set([0, ...cuts.map((cut) => Math.floor(cut * bytes.length)), bytes.length]),
  ];
  points.sort((a, b) => a - b);
  return points.slice(1).map((point, i) => bytes.subarray(points[i], point));
}

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

test("pipelined requests read the same however they are cut up", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, { minLength: 1, maxLength: 3 }),
      cuts,
      async (sent, where) => {
        const bytes = Buffer.from(sent.map((r) => r.bytes).join(""), "latin1");
        const { messages } = await serve(split(bytes, where));
        expect(messages.map((m) => ({ ...m, lines: m.lines.slice(4) }))).toEqual(
          sent.map(({ path: _, fields, body: text, trailers, bytes: b }) => ({
            lines: [
              ":authority",
              "a.test",
              ...fields,
              ...(b.includes("\r\ncontent-length: ")
                ? ["content-length", String(text.length)]
                : ["transfer-encoding", "chunked"]),
            ].slice(0),
            body: text,
            trailers,
          })),
        );
        expect(messages.map((m) => m.lines[3])).toEqual(sent.map((r) => r.path));
      },
    ),
    { numRuns: 300, seed: 4 },
  );
});

test("broken requests get one verdict however they are cut up", async () => {
  const damaged = fc
    .tuple(request, fc.nat(), fc.integer({ min: 0, max: 255 }), fc.boolean())
    .map(([{ bytes }, at, byte, insert]) => {
      const buffer = Buffer.from(bytes, "latin1");
      const index = at % buffer.length;
      const rest = buffer.subarray(insert ? index : index + 1);
      return Buffer.concat([buffer.subarray(0, index), Buffer.from([byte]), rest]);
    });
  await fc.assert(
    fc.asyncProperty(damaged, cuts, async (bytes, where) => {
      const whole = await serve([bytes]);
      expect(await serve(split(bytes, where))).toEqual(whole);
    }),
    { numRuns: 500, seed: 5 },
  );
});

test("no bytes make the parsers throw", async () => {
  const soup = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc
      .array(
        fc.constantFrom(
          "GET ", "/", " HTTP/1.1", "\r\n", "\n", "\r", ":", " ", "\t", "host: a", "content-length: 3",
          "transfer-encoding: chunked", "connection: close", "upgrade: h2c", "CONNECT ", "http://a", "0", "5;", "abc", "\0", "é",
        ),
        { maxLength: 30 },
      )
      .map((words) => Buffer.from(words.join(""), "latin1")),
  ); // biome-ignore format: a word list
  await fc.assert(
    fc.asyncProperty(soup, async (bytes) => {
      await serve([bytes]);
      const text = `${bytes.toString("latin1")}\r\n\r\n`;
      parseRequestHead(text, options);
      parseResponseHead(text, { method: "GET", isUpgrade: false });
    }),
    { numRuns: 1000, seed: 6 },
  );
});
