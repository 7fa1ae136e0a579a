import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Collector } from "../collector/collector.ts";
import { readSettings } from "../settings.ts";
import { MemoryStorage } from "../storage/memory/memory-storage.ts";
import type { ServerContext } from "./context.ts";
import { PostLane } from "./post-lane.ts";
import { BodyReader } from "./request-body.ts";
import { handle } from "./router.ts";

interface Side {
  readonly server: Server;
  readonly context: ServerContext;
  readonly lane: PostLane | undefined;
  close(): Promise<void>;
}

/** Servers alike, but for the lane. */
async function createSide(hasLane: boolean): Promise<Side> {
  const settings = readSettings({});
  const now = () => 0;
  const storage = new MemoryStorage({ ...settings, now });
  const context: ServerContext = {
    settings,
    storage,
    collector: new Collector({ storage, sampleRate: 1, now }),
    bodies: new BodyReader(),
    wallClock: () => 0,
    startedAt: 0,
    log: () => {},
    shown: { serviceCount: 0 },
  };
  const server = createServer((request, response) => void handle(context, request, response));
  const lane = hasLane ? new PostLane(context, server) : undefined;
  await once(server.listen(0, "127.0.0.1"), "listening");
  const close = async (): Promise<void> => {
    lane?.closeAll();
    server.close();
    server.closeAllConnections();
    await storage.close();
  };
  return { server, context, lane, close };
}

/** What the server sends back until it hangs up. With `patience` each piece waits for an answer to the one before. */
async function converse(
  { server }: Side,
  pieces: readonly Buffer[],
  patience = false,
): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const received: Buffer[] = [];
  socket.on("data", (chunk) => received.push(chunk)).on("error", () => {});
  const closed = once(socket, "close");
  await once(socket, "connect");
  for (const piece of pieces) {
    socket.write(piece);
    if (patience) await Promise.race([once(socket, "data"), closed]);
    else await new Promise((resolve) => setImmediate(resolve));
  }
  await closed;
  return Buffer.concat(received)
    .toString()
    .replaceAll(/^Date: .*$/gm, "Date:");
}

/** Whether answers, counters and what is stored are the same with and without the lane; gives the answers. */
async function expectAlike(pieces: readonly Buffer[], patience = false): Promise<string> {
  const outcomes = [true, false].map(async (hasLane) => {
    const side = await createSide(hasLane);
    const answer = await converse(side, pieces, patience);
    const { collector, storage } = side.context;
    await side.close();
    return { answer, counted: collector.http, stored: String(storage.trace(span.traceId)) };
  });
  const [mine, other] = await Promise.all(outcomes);
  expect(mine).toEqual(other);
  return mine?.answer ?? "";
}

const span = { traceId: "1".repeat(16), id: "2".repeat(16), name: "get" };
const spans = JSON.stringify([span]);

function post(headers: readonly string[], body: string, line = "POST /api/v2/spans HTTP/1.1") {
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return `${[line, "Host: a", length, ...headers].join("\r\n")}\r\n\r\n${body}`;
}

const usualWith = (body: string) => post(["Content-Type: application/json", "b3: 0"], body);
const usual = usualWith(spans);
/** Makes the server hang up after its answer. */
const last = Buffer.from("GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

test("answers a usual post as node:http does", async () => {
  const answer = await expectAlike([Buffer.from(usual), last]);
  expect(answer.slice(0, answer.indexOf("HTTP/1.1 404"))).toBe(
    "HTTP/1.1 202 Accepted\r\nDate:\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 0\r\n\r\n",
  );
});

test("keeps usual posts from node:http, and stores what they bring", async () => {
  const side = await createSide(true);
  const seen: (string | undefined)[] = [];
  side.server.on("request", ({ url }) => seen.push(url));
  await converse(side, [Buffer.from(usual + usual), Buffer.from(usual), last]);
  expect(seen).toEqual(["/nowhere"]);
  expect(side.context.collector.http.spans).toBe(3);
  expect(String(side.context.storage.trace(span.traceId))).toBe(JSON.stringify([span]));
  await side.close();
});

const requests = [
  usual,
  usualWith("[]"),
  usualWith(`[${spans.slice(1, -1)},${spans.slice(1, -1)}]`),
  usualWith(`[${" ".repeat(70_000)}]`),
  post([], "[]"),
  post([], ""),
  post([], "{}"),
  post([], '[{"traceId":"é"}]'),
  post(["content-type: application/json; charset=utf-8", "connection: Keep-Alive "], spans),
  post(["Content-Type: application/x-protobuf"], "\n\u0000x"),
  post([], "[x]", "POST /api/v1/spans HTTP/1.1"),
  post([], `[${" ".repeat(70_000)}]`),
  post(["Origin: http://x"], spans),
  post(["Content-Encoding: gzip"], "no gzip"),
  post(["Content-Type: text/plain", "Content-Type: application/x-protobuf"], spans),
  post(["X-Text: é"], spans),
  post([], spans, "POST /api/v2/spans?x HTTP/1.1"),
  post([], spans, "PUT /api/v2/spans HTTP/1.1"),
  "GET /api/v2/services HTTP/1.1\r\nHost: a\r\n\r\n",
];

/** Some of them end the connection, or are answered in two steps. */
const others = [
  post(["Connection: close"], spans),
  post(["Expect: 100-continue"], spans),
  post(["Content-Length: 1"], spans),
  post(["Host: b"], spans),
  post(["x\u0001: y"], spans),
  post([" folded"], spans),
  post([], spans, "POST /api/v2/spans HTTP/1.0"),
  post([], spans, "POST /api/v2/spans"),
  usual.replace("Host: a\r\n", ""),
  usual.replace("Content-Length:", "Content-Length: +"),
  usual.replace(/Content-Length: \d+/, "Transfer-Encoding: chunked").replace(spans, "0\r\n\r\n"),
  usual.replaceAll("\r\n", "\n"),
  `\r\n${usual}`,
  "nonsense\r\n\r\n",
];

test.each([...requests, ...others].map((request) => [request.slice(0, 120), request]))(
  "as node:http does, alone and after a usual one: %j",
  async (_, request) => {
    await expectAlike([Buffer.from(request), last], true);
    await expectAlike([Buffer.from(usual), Buffer.from(request), last], true);
  },
);

test("any run of requests, cut anywhere, is treated as node:http does", async () => {
  const run = fc.array(fc.oneof(fc.constant(usual), fc.constantFrom(...requests)), {
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(run, fc.array(fc.nat(), { maxLength: 6 }), async (parts, cuts) => {
      const bytes = Buffer.concat([Buffer.from(parts.join("")), last]);
      const at = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
      const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
      await expectAlike(pieces.filter((piece) => piece.length > 0));
    }),
    { numRuns: 150 },
  );
});

test("a body that breaks off counts as dropped", async () => {
  const side = await createSide(true);
  const socket = connect((side.server.address() as AddressInfo).port, "127.0.0.1");
  socket.end(usual.slice(0, -3));
  const [answer] = await once(socket, "data");
  expect(String(answer)).toBe("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
  await once(socket, "close");
  expect(side.context.collector.http).toMatchObject({ messagesDropped: 1, spans: 0 });
  await side.close();
});

test("hangs up on whoever has nothing to say for too long", async () => {
  const side = await createSide(true);
  side.server.keepAliveTimeout = 1;
  expect(await converse(side, [Buffer.from(usual)])).toContain("202 Accepted");
  side.server.requestTimeout = 1;
  const answers = await converse(side, [Buffer.from(usual), Buffer.from(usual.slice(0, -3))]);
  expect(answers.split("HTTP/1.1")).toEqual(["", expect.stringContaining("202 Accepted")]);
  await side.close();
});

test("closing waits for a request that has begun", async () => {
  const side = await createSide(true);
  const socket = connect((side.server.address() as AddressInfo).port, "127.0.0.1");
  socket.write(usual + usual.slice(0, -3));
  await once(socket, "data");
  const closed = once(side.server, "close");
  side.lane?.close();
  side.server.close();
  socket.write(usual.slice(-3));
  const [answer] = await once(socket, "data");
  expect(String(answer)).toContain("202 Accepted");
  await closed;
  await side.close();
});
