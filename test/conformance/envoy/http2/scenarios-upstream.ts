/** What an upstream may do to a proxy, well-behaved or not, and what its client sees of that. */
import {
  data,
  errorNames,
  flags,
  frame,
  frameTypes,
  goAway,
  ping,
  reset,
  type SettingPairs,
  settings,
  settingsAck,
  windowUpdate,
} from "./frames.ts";
import { encodeHeaderList, type HeaderList } from "./hpack.ts";
import { Http2Peer, headersFrame } from "./peer.ts";
import { get, post, type Scenario } from "./scenarios-downstream.ts";
import { answering, type Side } from "./side.ts";

const ok: HeaderList = [[":status", "200"]];
const responseHead = (stream: number, ...more: HeaderList) =>
  headersFrame(stream, [...ok, ...more]);

/** One request; the upstream answers its head with these frames. */
function answered(
  name: string,
  frames: (stream: number) => readonly Buffer[],
  options: {
    request?: HeaderList;
    ends?: boolean;
    listener?: keyof Side["ports"];
    ending?: "fin" | "rst";
  } = {},
): Scenario {
  return {
    name,
    run: async (side) => {
      side.onUpstream = answering((peer, stream) => {
        peer.send(...frames(stream));
        if (options.ending === "fin") peer.end();
        if (options.ending === "rst") peer.rst();
      });
      const client = await Http2Peer.greet(side.ports[options.listener ?? "plain"]);
      const { request = get("/"), ends = true } = options;
      client.headers(1, request, ends);
      // A response that comes before the request ended is followed by a reset.
      const last = ends ? / 1 end|RST_STREAM 1|GOAWAY|closed/ : /RST_STREAM 1|GOAWAY|closed/;
      await client.until(last, 1_000);
      return client;
    },
  };
}

/** As `answered`, the first time; later requests get a good answer. */
function firstAnswered(name: string, frames: (stream: number) => readonly Buffer[]): Scenario {
  return {
    name,
    run: async (side) => {
      let first = true;
      side.onUpstream = answering((peer, stream) => {
        if (first) peer.send(...frames(stream));
        else peer.send(responseHead(stream), data(stream, "ok", true));
        first = false;
      });
      const client = await Http2Peer.greet(side.ports.retrying);
      client.headers(1, get("/"), true);
      await client.until(/ 1 end|RST_STREAM 1|GOAWAY|closed/, 1_000);
      return client;
    },
  };
}

/** Two requests, one after the other; the first one's answer begins with these frames. */
function followed(
  name: string,
  frames: (stream: number) => readonly Buffer[],
  own: SettingPairs = [],
): Scenario {
  return {
    name,
    run: async (side) => {
      let first = true;
      side.onUpstream = answering((peer, stream) => {
        if (first) peer.send(...frames(stream));
        first = false;
        peer.send(responseHead(stream), data(stream, "ok", true));
      }, own);
      const client = await Http2Peer.greet(side.ports.plain);
      client.headers(1, get("/1"), true);
      await client.until(/ 1 end|RST_STREAM 1|GOAWAY|closed/, 1_000);
      client.headers(3, get("/3"), true);
      await client.until(/ 3 end|RST_STREAM 3|GOAWAY|closed/, 1_000);
      return client;
    },
  };
}

const responses: readonly (readonly [name: string, list: HeaderList])[] = [
  ["no :status", [["x-a", "1"]]],
  ["an empty :status", [[":status", ""]]],
  [":status 99", [[":status", "99"]]],
  [":status 1000", [[":status", "1000"]]],
  [":status 600", [[":status", "600"]]],
  [":status 999", [[":status", "999"]]],
  [":status abc", [[":status", "abc"]]],
  [":status twice", [...ok, ...ok]],
  [":status after a field", [["x-a", "1"], ...ok]],
  [":path in a response", [...ok, [":path", "/"]]],
  ["an upper case name", [...ok, ["X-A", "1"]]],
  ["a name with a blank", [...ok, ["x a", "1"]]],
  ["a value with NUL", [...ok, ["x-a", "1\x002"]]],
  ["a value with blanks around", [...ok, ["x-a", " 1 "]]],
  ["an empty value", [...ok, ["x-a", ""]]],
  ["connection", [...ok, ["connection", "close"]]],
  ["transfer-encoding", [...ok, ["transfer-encoding", "chunked"]]],
  ["keep-alive", [...ok, ["keep-alive", "1"]]],
  ["set-cookie twice", [...ok, ["set-cookie", "a=1"], ["set-cookie", "b=2"]]],
  ["content-length that is right", [...ok, ["content-length", "2"]]],
  ["content-length too small", [...ok, ["content-length", "1"]]],
  ["content-length too large", [...ok, ["content-length", "3"]]],
  ["content-length that is no number", [...ok, ["content-length", "a"]]],
  ["101", [[":status", "101"]]],
  ["204 with a body", [[":status", "204"]]],
  ["304 with a body", [[":status", "304"]]],
  ["100 headers", [...ok, ...Array.from({ length: 99 }, (_, at) => [`x-${at}`, "1"] as const)]],
  ["100 fields", [...ok, ...Array.from({ length: 100 }, (_, at) => [`x-${at}`, "1"] as const)]],
  ["101 headers", [...ok, ...Array.from({ length: 101 }, (_, at) => [`x-${at}`, "1"] as const)]],
];

const codes = errorNames.map((name, code) => [name, code] as const);

export const upstreamScenarios: readonly Scenario[] = [
  ...responses.map(([name, list]) =>
    answered(`a response with ${name}`, (stream) => [
      headersFrame(stream, list),
      data(stream, "ok", true),
    ]),
  ),
  ...[60_000, 62_000, 90_000].map((size) =>
    answered(`a response with a header of ${size} bytes`, (stream) => {
      const block = encodeHeaderList([...ok, ["x-large", "v".repeat(size)]]);
      const parts: Buffer[] = [];
      for (let at = 0; at < block.length; at += 16_000) {
        const bits = at + 16_000 >= block.length ? flags.endHeaders : 0;
        const type = at === 0 ? frameTypes.headers : frameTypes.continuation;
        parts.push(frame(type, bits, stream, block.subarray(at, at + 16_000)));
      }
      return [...parts, data(stream, "ok", true)];
    }),
  ),
  answered("a head that is all", (stream) => [headersFrame(stream, ok, true)]),
  answered("trailers", (stream) => [
    responseHead(stream),
    data(stream, "ok"),
    headersFrame(stream, [["x-t", "1"]], true),
  ]),
  answered("trailers without a body", (stream) => [
    responseHead(stream),
    headersFrame(stream, [["x-t", "1"]], true),
  ]),
  answered("empty trailers", (stream) => [
    responseHead(stream),
    data(stream, "ok"),
    headersFrame(stream, [], true),
  ]),
  answered("trailers with a pseudo header", (stream) => [
    responseHead(stream),
    data(stream, "ok"),
    headersFrame(stream, ok, true),
  ]),
  answered("trailers without END_STREAM", (stream) => [
    responseHead(stream),
    data(stream, "ok"),
    headersFrame(stream, [["x-t", "1"]]),
  ]),
  answered("100, 103 and 200", (stream) => [
    headersFrame(stream, [[":status", "100"]]),
    headersFrame(stream, [
      [":status", "103"],
      ["link", "a"],
    ]),
    responseHead(stream),
    data(stream, "ok", true),
  ]),
  answered("102 and 104", (stream) => [
    headersFrame(stream, [[":status", "102"]]),
    headersFrame(stream, [[":status", "104"]]),
    responseHead(stream),
    data(stream, "ok", true),
  ]),
  answered("100 with END_STREAM", (stream) => [headersFrame(stream, [[":status", "100"]], true)]),
  answered("DATA before the head", (stream) => [data(stream, "ok", true)]),
  answered("a body for HEAD", (stream) => [responseHead(stream), data(stream, "ok", true)], {
    request: [[":method", "HEAD"], ...get("/").slice(1)],
  }),
  answered(
    "HEAD with content-length",
    (stream) => [headersFrame(stream, [...ok, ["content-length", "5"]], true)],
    { request: [[":method", "HEAD"], ...get("/").slice(1)] },
  ),
  answered("HEAD without END_STREAM", (stream) => [responseHead(stream), data(stream, "", true)], {
    request: [[":method", "HEAD"], ...get("/").slice(1)],
  }),
  answered(
    "an answer before the body",
    (stream) => [responseHead(stream), data(stream, "ok", true)],
    { request: post("/"), ends: false },
  ),
  answered(
    "an answer before the body, and NO_ERROR",
    (stream) => [responseHead(stream), data(stream, "ok", true), reset(stream, 0)],
    { request: post("/"), ends: false },
  ),
  answered("a padded body", (stream) => [
    responseHead(stream),
    frame(frameTypes.data, 9, stream, Buffer.from("\x02ok\0\0")),
  ]),
  answered("PUSH_PROMISE", (stream) => [
    frame(
      frameTypes.pushPromise,
      flags.endHeaders,
      stream,
      Buffer.concat([Buffer.from([0, 0, 0, 2]), encodeHeaderList(get("/"))]),
    ),
  ]),
  answered("a header block that is none", (stream) => [
    frame(frameTypes.headers, flags.endHeaders, stream, Buffer.alloc(8, 0xff)),
  ]),
  answered("a frame above the maximum", (stream) => [
    responseHead(stream),
    data(stream, Buffer.alloc(16_385)),
  ]),
  answered("SETTINGS of 5 bytes", () => [frame(frameTypes.settings, 0, 0, Buffer.alloc(5))]),
  answered("text", () => [Buffer.from("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")]),
  answered("DATA on a stream nobody opened", (stream) => [data(stream + 2, "abc")]),
  answered("RST_STREAM on a stream nobody opened", (stream) => [reset(stream + 2, 8)]),
  answered("WINDOW_UPDATE by 0", (stream) => [windowUpdate(stream, 0)]),
  answered("WINDOW_UPDATE beyond the limit", (stream) => [windowUpdate(stream, 0x7fffffff)]),
  answered("PING 20000 times", (stream) => [
    ...Array.from({ length: 20_000 }, () => ping()),
    responseHead(stream),
    data(stream, "ok", true),
  ]),
  answered("SETTINGS 2000 times", (stream) => [
    ...Array.from({ length: 2_000 }, () => settings()),
    responseHead(stream),
    data(stream, "ok", true),
  ]),
  answered("silence", () => []),
  answered("a close before the head", () => [], { ending: "fin" }),
  answered("a reset connection before the head", () => [], { ending: "rst" }),
  answered("a close within the body", (stream) => [responseHead(stream), data(stream, "ok")], {
    ending: "fin",
  }),
  answered(
    "a reset connection within the body",
    (stream) => [responseHead(stream), data(stream, "ok")],
    { ending: "rst" },
  ),
  answered(
    "a close after the response",
    (stream) => [responseHead(stream), data(stream, "ok", true)],
    { ending: "fin" },
  ),
  ...codes.map(([name, code]) =>
    answered(`RST_STREAM ${name} before the head`, (stream) => [reset(stream, code)]),
  ),
  ...codes.map(([name, code]) =>
    answered(`RST_STREAM ${name} within the body`, (stream) => [
      responseHead(stream),
      data(stream, "ok"),
      reset(stream, code),
    ]),
  ),
  ...codes.map(([name, code]) =>
    firstAnswered(`RST_STREAM ${name}, with retries`, (stream) => [reset(stream, code)]),
  ),
  firstAnswered("GOAWAY that leaves the stream out, with retries", () => [goAway(0, 0)]),
  ...[0, 1, 2, 11].flatMap((code) => [
    answered(`GOAWAY ${errorNames[code]}, then the response`, (stream) => [
      goAway(stream, code),
      responseHead(stream),
      data(stream, "ok", true),
    ]),
    answered(`GOAWAY ${errorNames[code]} within the body`, (stream) => [
      responseHead(stream),
      goAway(stream, code),
      data(stream, "ok", true),
    ]),
    answered(`GOAWAY ${errorNames[code]} that leaves the stream out`, () => [goAway(0, code)]),
    answered(`GOAWAY ${errorNames[code]}, then a close`, (stream) => [goAway(stream, code)], {
      ending: "fin",
    }),
    followed(`GOAWAY ${errorNames[code]}, another request`, (stream) => [goAway(stream, code)]),
  ]),
  followed("one stream at a time", () => [], [[3, 1]]),
  {
    name: "two requests at once where one stream is allowed",
    run: async (side) => {
      side.onUpstream = answering(undefined, [[3, 1]]);
      const client = await Http2Peer.greet(side.ports.plain);
      client.headers(1, get("/1"), true);
      client.headers(3, get("/3"), true);
      await client.until(/ 1 end|closed/);
      await client.until(/ 3 end|closed/);
      client.events.sort();
      return client;
    },
  },
  {
    name: "no stream allowed",
    run: async (side) => {
      side.onUpstream = answering(undefined, [[3, 0]]);
      const client = await Http2Peer.greet(side.ports.plain);
      client.headers(1, get("/1"), true);
      await client.until(/ 1 end|closed/, 2_500);
      return client;
    },
  },
  {
    name: "an upstream that takes no body",
    run: async (side) => {
      side.onUpstream = answering(() => {}, [[4, 0]]);
      const client = await Http2Peer.greet(side.ports.plain);
      client.headers(1, post("/"));
      client.send(data(1, "a".repeat(1000), true));
      await client.until(/ 1 end|closed/, 2_500);
      return client;
    },
  },
  {
    name: "a window of ten bytes",
    run: async (side) => {
      side.onUpstream = (peer) => {
        peer.send(settings([4, 10]));
        peer.onFrame = (got) => {
          if (got.type === frameTypes.settings && got.flags === 0) peer.send(settingsAck);
          if (got.type !== frameTypes.data) return;
          if (got.flags & flags.endStream)
            peer.send(responseHead(got.stream), data(got.stream, "ok", true));
          else peer.send(windowUpdate(got.stream, got.payload.length));
        };
      };
      const client = await Http2Peer.greet(side.ports.plain);
      client.headers(1, post("/"));
      client.send(data(1, "a".repeat(25), true));
      await client.until(/ 1 end|closed/);
      return client;
    },
  },
];
