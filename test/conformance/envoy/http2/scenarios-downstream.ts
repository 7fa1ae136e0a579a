/** What a client may do to a proxy, well-behaved or not. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  data,
  errorNames,
  flags,
  frame,
  frameTypes,
  goAway,
  ping,
  preface,
  reset,
  settings,
  settingsAck,
  uint32,
  windowUpdate,
} from "./frames.ts";
import { encodeHeaderList, type HeaderList } from "./hpack.ts";
import { Http2Peer, headersFrame } from "./peer.ts";
import { answering, type Side } from "./side.ts";

export interface Scenario {
  readonly name: string;
  /** Connects to the proxy and returns the peer whose events tell. */
  readonly run: (side: Side) => Promise<Http2Peer>;
}

export const get = (path: string, ...more: HeaderList): HeaderList => [
  [":method", "GET"],
  [":scheme", "http"],
  [":authority", "a.test"],
  [":path", path],
  ...more,
];
export const post = (path: string, ...more: HeaderList): HeaderList => [
  [":method", "POST"],
  ...get(path, ...more).slice(1),
];

/** A request with these fields on stream 1; until it is answered, reset or everything is over. */
function ask(list: HeaderList, path: keyof Side["ports"] = "plain"): Scenario["run"] {
  return async (side) => {
    const peer = await Http2Peer.greet(side.ports[path]);
    peer.headers(1, list, true);
    await peer.until(/ 1 end|RST_STREAM 1|GOAWAY|closed/);
    return peer;
  };
}

function raw(port: keyof Side["ports"], ...frames: readonly Buffer[]): Scenario["run"] {
  return async (side) => {
    const peer = await Http2Peer.greet(side.ports[port]);
    peer.send(...frames);
    await peer.until(/GOAWAY|closed|RST_STREAM| 1 end/, 300);
    return peer;
  };
}

/** Waits until it is so, 2 s at most. */
async function poll(isSo: () => boolean | undefined): Promise<void> {
  const deadline = Date.now() + 2_000;
  while (isSo() !== true && Date.now() < deadline) await sleep(5);
}

const without = (list: HeaderList, name: string) => list.filter(([given]) => given !== name);
const replaced = (list: HeaderList, name: string, value: string): HeaderList =>
  list.map(([given, was]) => [given, given === name ? value : was] as const);
const many = (count: number, value = "1"): HeaderList =>
  Array.from({ length: count }, (_, at) => [`x-${at}`, value] as const);

const requests: readonly (readonly [name: string, list: HeaderList])[] = [
  ["a plain request", get("/")],
  ["no :path", without(get("/"), ":path")],
  ["no :method", without(get("/"), ":method")],
  ["no :scheme", without(get("/"), ":scheme")],
  ["no :authority", without(get("/"), ":authority")],
  ["no :authority, but Host", [...without(get("/"), ":authority"), ["host", "b.test"]]],
  [":authority and Host", get("/", ["host", "b.test"])],
  ["an empty :path", replaced(get("/"), ":path", "")],
  ["an empty :authority", replaced(get("/"), ":authority", "")],
  ["an empty :method", replaced(get("/"), ":method", "")],
  ["an empty :scheme", replaced(get("/"), ":scheme", "")],
  ["a :path without a slash", replaced(get("/"), ":path", "abc")],
  ["a :path with a blank", replaced(get("/"), ":path", "/a b")],
  ["a :path with a fragment", replaced(get("/"), ":path", "/a#b")],
  ["a :path with a byte above 127", replaced(get("/"), ":path", "/a\xe9")],
  ["an asterisk path", replaced(get("/"), ":path", "*")],
  ["OPTIONS *", replaced(replaced(get("/"), ":path", "*"), ":method", "OPTIONS")],
  ["an unknown method", replaced(get("/"), ":method", "BREW")],
  ["a method in lower case", replaced(get("/"), ":method", "get")],
  ["a method with a blank", replaced(get("/"), ":method", "GE T")],
  ["an unknown scheme", replaced(get("/"), ":scheme", "ftp")],
  ["https over plain text", replaced(get("/"), ":scheme", "https")],
  ["an :authority with user", replaced(get("/"), ":authority", "user@a.test")],
  ["an :authority with a blank", replaced(get("/"), ":authority", "a b")],
  ["an :authority with a slash", replaced(get("/"), ":authority", "a/b")],
  ["an unknown pseudo header", get("/", [":unknown", "1"])],
  ["a :status in a request", get("/", [":status", "200"])],
  [":path twice", get("/", [":path", "/b"])],
  [":method twice", get("/", [":method", "GET"])],
  [":authority twice", get("/", [":authority", "a.test"])],
  ["a pseudo header after a field", [["x-a", "1"], ...get("/")]],
  ["an upper case name", get("/", ["X-A", "1"])],
  ["an empty name", get("/", ["", "1"])],
  ["a name with a blank", get("/", ["x a", "1"])],
  ["a name with a colon", get("/", ["x:a", "1"])],
  ["a name with a byte above 127", get("/", ["x-\xe9", "1"])],
  ["a name with an underscore", get("/", ["x_a", "1"])],
  ["a value with NUL", get("/", ["x-a", "1\x002"])],
  ["a value with CR", get("/", ["x-a", "1\r2"])],
  ["a value with LF", get("/", ["x-a", "1\n2"])],
  ["a value with a control character", get("/", ["x-a", "1\x012"])],
  ["a value with DEL", get("/", ["x-a", "1\x7f2"])],
  ["a value with a byte above 127", get("/", ["x-a", "\xe9"])],
  ["a value with blanks around", get("/", ["x-a", "  b  "])],
  ["a value with tabs around", get("/", ["x-a", "\tb\t"])],
  ["an empty value", get("/", ["x-a", ""])],
  ["connection", get("/", ["connection", "close"])],
  ["connection: keep-alive", get("/", ["connection", "keep-alive"])],
  ["keep-alive", get("/", ["keep-alive", "timeout=5"])],
  ["proxy-connection", get("/", ["proxy-connection", "keep-alive"])],
  ["transfer-encoding", get("/", ["transfer-encoding", "chunked"])],
  ["upgrade", get("/", ["upgrade", "websocket"])],
  ["http2-settings", get("/", ["http2-settings", "AAAA"])],
  ["te: trailers", get("/", ["te", "trailers"])],
  ["te: gzip", get("/", ["te", "gzip"])],
  ["te: trailers, gzip", get("/", ["te", "trailers, gzip"])],
  ["te: Trailers", get("/", ["te", "Trailers"])],
  [
    "cookie crumbs",
    get("/", ["cookie", "a=1"], ["x-a", "1"], ["cookie", "b=2"], ["cookie", "c=3"]),
  ],
  ["an empty cookie crumb", get("/", ["cookie", "a=1"], ["cookie", ""], ["cookie", "c=3"])],
  ["a field twice", get("/", ["x-a", "1"], ["x-b", "2"], ["x-a", "3"])],
  ["content-length without a body", get("/", ["content-length", "3"])],
  ["content-length: 0", get("/", ["content-length", "0"])],
  ["content-length twice, the same", get("/", ["content-length", "0"], ["content-length", "0"])],
  ["content-length twice, another", get("/", ["content-length", "0"], ["content-length", "1"])],
  ["content-length that is no number", get("/", ["content-length", "a"])],
  ["content-length: +0", get("/", ["content-length", "+0"])],
  ["content-length: -0", get("/", ["content-length", "-0"])],
  ["expect: 100-continue", get("/", ["expect", "100-continue"])],
  ["100 headers", get("/", ...many(96))],
  ["101 headers", get("/", ...many(101))],
  ["200 headers", get("/", ...many(196))],
  ["97 fields", get("/", ...many(97))],
  ["6000 fields", get("/", ...many(6_000))],
  ["expect: 100-Continue", get("/", ["expect", "100-Continue"])],
  ["expect: something", get("/", ["expect", "something"])],
  [
    "CONNECT",
    [
      [":method", "CONNECT"],
      [":authority", "a.test:80"],
    ],
  ],
  ["CONNECT with a path", [...replaced(get("/"), ":method", "CONNECT")]],
  ["extended CONNECT", [...replaced(get("/"), ":method", "CONNECT"), [":protocol", "websocket"]]],
  [":protocol with GET", get("/", [":protocol", "websocket"])],
  ["TRACE", replaced(get("/"), ":method", "TRACE")],
  ["HEAD", replaced(get("/"), ":method", "HEAD")],
];

const block = encodeHeaderList(get("/"));
const opening = headersFrame(1, post("/"));

const sequences: readonly (readonly [name: string, frames: readonly Buffer[]])[] = [
  ["PING", [ping()]],
  ["PING of 7 bytes", [frame(frameTypes.ping, 0, 0, Buffer.alloc(7))]],
  ["PING on a stream", [frame(frameTypes.ping, 0, 1, Buffer.alloc(8))]],
  ["PING ack nobody asked for", [ping(flags.ack)]],
  ["SETTINGS ack with payload", [frame(frameTypes.settings, flags.ack, 0, Buffer.alloc(6))]],
  ["SETTINGS of 5 bytes", [frame(frameTypes.settings, 0, 0, Buffer.alloc(5))]],
  ["SETTINGS on a stream", [frame(frameTypes.settings, 0, 1)]],
  ["SETTINGS unknown", [settings([0x99, 1])]],
  ["SETTINGS enable_push 2", [settings([2, 2])]],
  ["SETTINGS window too large", [settings([4, 0x80000000])]],
  ["SETTINGS frame size too small", [settings([5, 100])]],
  ["SETTINGS ack nobody asked for", [settingsAck, settingsAck]],
  ["an unknown frame", [frame(0x42, 0, 0, Buffer.from("abc")), headersFrame(1, get("/"), true)]],
  ["DATA on stream 0", [frame(frameTypes.data, 0, 0, Buffer.from("abc"))]],
  ["DATA on an idle stream", [data(1, "abc")]],
  ["HEADERS on stream 0", [frame(frameTypes.headers, 5, 0, block)]],
  ["HEADERS on an even stream", [frame(frameTypes.headers, 5, 2, block)]],
  [
    "HEADERS with a lower stream",
    [headersFrame(3, get("/3"), true), headersFrame(1, get("/1"), true)],
  ],
  [
    "HEADERS padded",
    [
      frame(
        frameTypes.headers,
        5 | 8,
        1,
        Buffer.concat([Buffer.from([4]), block, Buffer.alloc(4)]),
      ),
    ],
  ],
  [
    "HEADERS padded too much",
    [frame(frameTypes.headers, 5 | 8, 1, Buffer.concat([Buffer.from([255]), block]))],
  ],
  [
    "HEADERS with priority",
    [frame(frameTypes.headers, 5 | 32, 1, Buffer.concat([uint32(0), Buffer.from([15]), block]))],
  ],
  [
    "HEADERS that depend on themselves",
    [frame(frameTypes.headers, 5 | 32, 1, Buffer.concat([uint32(1), Buffer.from([15]), block]))],
  ],
  [
    "HEADERS with a bad block",
    [frame(frameTypes.headers, 5, 1, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))],
  ],
  [
    "HEADERS with an index that is not there",
    [frame(frameTypes.headers, 5, 1, Buffer.from([0xbf + 20]))],
  ],
  [
    "a CONTINUATION",
    [
      frame(frameTypes.headers, 1, 1, block.subarray(0, 20)),
      frame(frameTypes.continuation, 4, 1, block.subarray(20)),
    ],
  ],
  ["a CONTINUATION from nowhere", [frame(frameTypes.continuation, 4, 1, block)]],
  [
    "a CONTINUATION of another stream",
    [frame(frameTypes.headers, 1, 1, block), frame(frameTypes.continuation, 4, 3)],
  ],
  ["DATA instead of a CONTINUATION", [frame(frameTypes.headers, 0, 1, block), data(1, "abc")]],
  ["PING instead of a CONTINUATION", [frame(frameTypes.headers, 0, 1, block), ping()]],
  [
    "CONTINUATIONs without end, empty",
    [
      frame(frameTypes.headers, 1, 1, block),
      ...Array.from({ length: 2000 }, () => frame(frameTypes.continuation, 0, 1)),
    ],
  ],
  [
    "CONTINUATIONs without end, full",
    [
      frame(frameTypes.headers, 1, 1, block),
      ...Array.from({ length: 100 }, (_, at) =>
        frame(frameTypes.continuation, 0, 1, encodeHeaderList([[`x-${at}`, "v".repeat(10_000)]])),
      ),
    ],
  ],
  ["a frame above the maximum", [frame(frameTypes.data, 0, 1, Buffer.alloc(16_385))]],
  ["a header frame above the maximum", [frame(frameTypes.headers, 5, 1, Buffer.alloc(16_385))]],
  [
    "PUSH_PROMISE",
    [opening, frame(frameTypes.pushPromise, 4, 1, Buffer.concat([uint32(2), block]))],
  ],
  [
    "PRIORITY",
    [
      frame(frameTypes.priority, 0, 1, Buffer.concat([uint32(0), Buffer.from([3])])),
      headersFrame(1, get("/"), true),
    ],
  ],
  ["PRIORITY of 4 bytes", [frame(frameTypes.priority, 0, 1, Buffer.alloc(4))]],
  ["PRIORITY on stream 0", [frame(frameTypes.priority, 0, 0, Buffer.alloc(5))]],
  [
    "PRIORITY on itself",
    [frame(frameTypes.priority, 0, 1, Buffer.concat([uint32(1), Buffer.from([3])]))],
  ],
  ["RST_STREAM on stream 0", [reset(0, 8)]],
  ["RST_STREAM on an idle stream", [reset(1, 8)]],
  ["RST_STREAM of 3 bytes", [opening, frame(frameTypes.reset, 0, 1, Buffer.alloc(3))]],
  ["WINDOW_UPDATE by 0 on the connection", [windowUpdate(0, 0)]],
  ["WINDOW_UPDATE by 0 on a stream", [opening, windowUpdate(1, 0)]],
  ["WINDOW_UPDATE on an idle stream", [windowUpdate(1, 1)]],
  ["WINDOW_UPDATE of 3 bytes", [frame(frameTypes.windowUpdate, 0, 0, Buffer.alloc(3))]],
  ["WINDOW_UPDATE beyond the limit", [windowUpdate(0, 0x7fffffff)]],
  ["WINDOW_UPDATE beyond the limit on a stream", [opening, windowUpdate(1, 0x7fffffff)]],
  ["GOAWAY", [goAway(0, 0)]],
  ["GOAWAY with an error", [goAway(0, 1)]],
  ["GOAWAY, then a request", [goAway(0, 0), headersFrame(1, get("/"), true)]],
  ["GOAWAY on a stream", [frame(frameTypes.goAway, 0, 1, Buffer.alloc(8))]],
  ["a body", [opening, data(1, "abc"), data(1, "def", true)]],
  ["a body, padded", [opening, frame(frameTypes.data, 1 | 8, 1, Buffer.from("\x02abc\0\0"))]],
  [
    "a body with too much padding",
    [opening, frame(frameTypes.data, 1 | 8, 1, Buffer.from("\x09abc\0\0"))],
  ],
  [
    "a body shorter than it says",
    [headersFrame(1, post("/", ["content-length", "5"])), data(1, "abc", true)],
  ],
  [
    "a body longer than it says",
    [headersFrame(1, post("/", ["content-length", "2"])), data(1, "abc", true)],
  ],
  ["DATA after the end", [headersFrame(1, post("/"), true), data(1, "abc", true)]],
  ["HEADERS after the end", [headersFrame(1, post("/"), true), headersFrame(1, post("/"), true)]],
  ["trailers", [opening, data(1, "abc"), headersFrame(1, [["x-t", "1"]], true)]],
  ["trailers without END_STREAM", [opening, data(1, "abc"), headersFrame(1, [["x-t", "1"]])]],
  [
    "trailers with a pseudo header",
    [opening, data(1, "abc"), headersFrame(1, [[":path", "/"]], true)],
  ],
  ["trailers with upper case", [opening, data(1, "abc"), headersFrame(1, [["X-T", "1"]], true)]],
  [
    "trailers with connection",
    [opening, data(1, "abc"), headersFrame(1, [["connection", "close"]], true)],
  ],
  ["empty trailers", [opening, data(1, "abc"), headersFrame(1, [], true)]],
  ["an empty header list", [headersFrame(1, [], true)]],
  ["SETTINGS, 2000 times", Array.from({ length: 2_000 }, () => settings([4, 65_535]))],
  ["empty SETTINGS, 20000 times", Array.from({ length: 20_000 }, () => settings())],
  ["PING, 2000 times", Array.from({ length: 2_000 }, () => ping())],
  ["PING, 20000 times", Array.from({ length: 20_000 }, () => ping())],
  ["empty DATA, 20 times", [opening, ...Array.from({ length: 20 }, () => data(1, ""))]],
  [
    "PRIORITY, 2000 times",
    Array.from({ length: 2_000 }, () =>
      frame(frameTypes.priority, 0, 1, Buffer.concat([uint32(0), Buffer.from([3])])),
    ),
  ],
  [
    "WINDOW_UPDATE, 2000 times",
    [opening, ...Array.from({ length: 2_000 }, () => windowUpdate(1, 1))],
  ],
  [
    "reset of a stream, 300 times",
    Array.from({ length: 300 }, (_, at) => [
      headersFrame(at * 2 + 1, post("/")),
      reset(at * 2 + 1, 8),
    ]).flat(),
  ],
];

const bytes: readonly (readonly [name: string, text: string | Buffer])[] = [
  ["a preface that breaks off", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r"],
  ["a preface with an error at the end", "PRI * HTTP/2.0\r\n\r\nSM\r\n\rX"],
  ["no SETTINGS after the preface", Buffer.concat([preface, ping()])],
  ["a request right after the preface", Buffer.concat([preface, headersFrame(1, get("/"), true)])],
];

export const downstreamScenarios: readonly Scenario[] = [
  ...requests.map(([name, list]) => ({ name, run: ask(list) })),
  ...[59_000, 61_000, 62_000, 80_000, 200_000].map((size) => ({
    name: `a header of ${size} bytes`,
    run: async (side: Side) => {
      const peer = await Http2Peer.greet(side.ports.plain);
      const whole = encodeHeaderList(get("/", ["x-large", "v".repeat(size)]));
      const parts: Buffer[] = [];
      for (let at = 0; at < whole.length; at += 16_000) {
        const last = at + 16_000 >= whole.length;
        parts.push(
          frame(
            at === 0 ? frameTypes.headers : frameTypes.continuation,
            (at === 0 ? flags.endStream : 0) | (last ? flags.endHeaders : 0),
            1,
            whole.subarray(at, at + 16_000),
          ),
        );
      }
      peer.send(...parts);
      await peer.until(/ 1 end|RST_STREAM 1|GOAWAY|closed/);
      return peer;
    },
  })),
  ...sequences.map(([name, frames]) => ({ name, run: raw("plain", ...frames) })),
  ...errorNames.map((errorName, code) => ({
    name: `RST_STREAM ${errorName} before the answer`,
    run: async (side: Side) => {
      side.onUpstream = answering(() => {});
      const peer = await Http2Peer.greet(side.ports.plain);
      peer.headers(1, get("/"), true);
      await poll(() => side.upstreams[0]?.events.some((event) => event.startsWith("HEADERS")));
      peer.send(reset(1, code), ping());
      await peer.until("PING ack");
      await side.upstreams[0]?.until(/RST_STREAM|closed/);
      return peer;
    },
  })),
  ...errorNames.map((errorName, code) => ({
    name: `RST_STREAM ${errorName} within the answer`,
    run: async (side: Side) => {
      side.onUpstream = answering((upstream, stream) => {
        upstream.send(headersFrame(stream, [[":status", "200"]]), data(stream, "ok"));
      });
      const peer = await Http2Peer.greet(side.ports.plain);
      peer.headers(1, get("/"), true);
      await peer.until("DATA");
      peer.send(reset(1, code), ping());
      await peer.until("PING ack");
      await side.upstreams[0]?.until(/RST_STREAM|closed/);
      return peer;
    },
  })),
  {
    name: "more streams than allowed",
    run: async (side) => {
      side.onUpstream = answering(() => {});
      const peer = await Http2Peer.greet(side.ports.limited);
      for (const stream of [1, 3, 5]) peer.headers(stream, get(`/${stream}`), true);
      await peer.until(/RST_STREAM|GOAWAY|closed/, 500);
      return peer;
    },
  },
  {
    name: "a client that opens no window",
    run: async (side) => {
      side.onUpstream = answering((upstream, stream) => {
        upstream.send(
          headersFrame(stream, [[":status", "200"]]),
          data(stream, "a".repeat(1000), true),
        );
      });
      const peer = await Http2Peer.greet(side.ports.smallBuffer, [4, 0]);
      peer.headers(1, get("/"), true);
      await peer.until(/RST_STREAM|GOAWAY|closed/, 3_000);
      return peer;
    },
  },
  {
    name: "a client that opens a small window",
    run: async (side) => {
      side.onUpstream = answering((upstream, stream) => {
        upstream.send(
          headersFrame(stream, [[":status", "200"]]),
          data(stream, "a".repeat(25), true),
        );
      });
      const peer = await Http2Peer.greet(side.ports.plain, [4, 10]);
      peer.onFrame = (got) => {
        if (
          got.type === frameTypes.data &&
          got.payload.length > 0 &&
          !(got.flags & flags.endStream)
        )
          peer.send(windowUpdate(1, got.payload.length));
      };
      peer.headers(1, get("/"), true);
      await peer.until(/ 1 end|RST_STREAM|GOAWAY|closed/, 3_000);
      return peer;
    },
  },
  {
    name: "windows that are widened while streams wait",
    run: async (side) => {
      side.onUpstream = answering((upstream, stream) => {
        upstream.send(
          headersFrame(stream, [[":status", "200"]]),
          data(stream, "a".repeat(25), true),
        );
      });
      const peer = await Http2Peer.greet(side.ports.plain, [4, 0]);
      peer.headers(1, get("/"), true);
      await peer.until("HEADERS");
      peer.send(settings([4, 100]));
      await peer.until(/ 1 end|RST_STREAM|GOAWAY|closed/, 3_000);
      return peer;
    },
  },
  {
    name: "a close within the request",
    run: async (side) => {
      side.onUpstream = answering(() => {});
      const peer = await Http2Peer.greet(side.ports.plain);
      peer.headers(1, post("/"));
      await poll(() => side.upstreams[0]?.events.some((event) => event.startsWith("HEADERS")));
      peer.end();
      await side.upstreams[0]?.until(/RST_STREAM|closed/);
      await peer.until("closed");
      return peer;
    },
  },
  {
    name: "200 requests at once",
    run: async (side) => {
      const peer = await Http2Peer.greet(side.ports.plain);
      const heads = Array.from({ length: 200 }, (_, at) =>
        headersFrame(at * 2 + 1, get("/"), true),
      );
      peer.send(...heads);
      await poll(() => peer.events.filter((event) => / end/.test(event)).length === 200);
      peer.events.sort();
      for (const upstream of side.upstreams) upstream.events.sort();
      return peer;
    },
  },
  ...(["limited", "limitedUpstream"] as const).map((listener) => ({
    name: `windows and limits of the file: ${listener}`,
    run: ask(get("/"), listener),
  })),
  ...bytes.map(([name, text]) => ({
    name,
    run: async (side: Side) => {
      const peer = await Http2Peer.connect(side.ports.plain);
      peer.send(Buffer.from(text));
      await peer.until(/ 1 end|closed|GOAWAY/, 300);
      return peer;
    },
  })),
];
