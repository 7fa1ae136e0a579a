/** What clients and upstreams may do to a proxy on HTTP/1, in time and out of it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ListenerName } from "./configuration.ts";
import type { Http1Peer } from "./peer.ts";
import { answering, type Side } from "./side.ts";

export interface Scenario {
  readonly name: string;
  /** Returns the client whose text tells. */
  readonly run: (side: Side) => Promise<Http1Peer>;
}

const get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
const post = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n";
const postChunked = "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
const ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const okHead = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n";
const chunkedHead = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

/** Long after every limit of the listeners. */
const allOverMs = 1_500;
/** Nothing more is to come, so this only has to outlast what is on its way. */
const settleMs = 150;

/** The client sends this at once; then until the proxy ends the connection, or for `waitMs`. */
function sends(
  name: string,
  text: string,
  listener: ListenerName = "plain",
  waitMs = settleMs,
): Scenario {
  return {
    name,
    run: async (side) => {
      const client = await side.client(listener);
      client.send(text);
      await client.untilEnded(waitMs);
      return client;
    },
  };
}

/** The upstream answers each head so. */
function answers(
  name: string,
  act: (peer: Http1Peer, count: number) => void,
  {
    request = get,
    listener = "plain",
    waitMs = settleMs,
  }: { request?: string; listener?: ListenerName; waitMs?: number } = {},
): Scenario {
  return {
    name,
    run: async (side) => {
      side.onUpstream = answering(act);
      const client = await side.client(listener);
      client.send(request);
      await client.untilEnded(waitMs);
      return client;
    },
  };
}

const then =
  (...acts: readonly ((peer: Http1Peer) => void)[]) =>
  (peer: Http1Peer) => {
    for (const act of acts) act(peer);
  };
const says = (text: string) => (peer: Http1Peer) => peer.send(text);
const fin = (peer: Http1Peer) => peer.end();
const rst = (peer: Http1Peer) => {
  // The bytes before it must have been read.
  setTimeout(() => peer.rst(), 40);
};
const silent = () => {};
const dripping = (pieces: readonly string[], everyMs: number) => (peer: Http1Peer) => {
  peer.drip(pieces, everyMs);
};
const many = (piece: string, count: number) => Array.from({ length: count }, () => piece);

const timeLimits: readonly Scenario[] = [
  sends("half a request line", "GET / HT", "headersTimeout", allOverMs),
  sends("half a head", "GET / HTTP/1.1\r\nhost: a\r\n", "headersTimeout", allOverMs),
  sends("no byte at all", "", "headersTimeout", 600),
  sends("line ends alone", "\r\n", "headersTimeout", allOverMs),
  {
    name: "a head that drips in",
    run: async (side) => {
      const client = await side.client("headersTimeout");
      await client.drip(many("x", 20), 50);
      await client.untilEnded(allOverMs);
      return client;
    },
  },
  {
    name: "a second head that does not come",
    run: async (side) => {
      const client = await side.client("headersTimeout");
      client.send(`${get}GET /2 HT`);
      await client.untilEnded(allOverMs);
      return client;
    },
  },
  sends("half a body, request timeout", `${post}abc`, "requestTimeout", allOverMs),
  sends(
    "half a chunked body, request timeout",
    `${postChunked}3\r\nabc\r\n`,
    "requestTimeout",
    allOverMs,
  ),
  sends("half a head, request timeout", "GET / HTTP/1.1\r\n", "requestTimeout", 700),
  {
    name: "a body that drips in, request timeout",
    run: async (side) => {
      side.onUpstream = answering(silent);
      const client = await side.client("requestTimeout");
      client.send(post);
      await client.drip(many("a", 9), 150);
      await client.untilEnded(allOverMs);
      return client;
    },
  },
  answers("half a body, stream idle", silent, {
    request: `${post}abc`,
    listener: "idleTimeout",
    waitMs: allOverMs,
  }),
  answers("no answer, stream idle", silent, { listener: "idleTimeout", waitMs: allOverMs }),
  answers("half an answer, stream idle", says(`${okHead}abc`), {
    listener: "idleTimeout",
    waitMs: allOverMs,
  }),
  answers("half a chunked answer, stream idle", says(`${chunkedHead}3\r\nabc\r\n`), {
    listener: "idleTimeout",
    waitMs: allOverMs,
  }),
  answers("an answer that drips in, stream idle", dripping([okHead, ...many("a", 10)], 100), {
    listener: "idleTimeout",
    waitMs: 2_500,
  }),
  {
    name: "a body that drips in, stream idle",
    run: async (side) => {
      side.onUpstream = (peer) => {
        peer.onText = (text) => {
          if (text.endsWith("aaaaaaaaaa")) peer.send(ok);
        };
      };
      const client = await side.client("idleTimeout");
      client.send(post);
      await client.drip(many("a", 10), 100);
      await client.until("ok", allOverMs);
      return client;
    },
  },
  answers("no answer, route timeout", silent, { listener: "routeTimeout", waitMs: 800 }),
  answers("half a head, route timeout", says("HTTP/1.1 200 OK\r\n"), {
    listener: "routeTimeout",
    waitMs: 800,
  }),
  answers("half an answer, route timeout", says(`${okHead}abc`), {
    listener: "routeTimeout",
    waitMs: allOverMs,
  }),
  answers("an answer that drips in, route timeout", dripping([okHead, ...many("a", 10)], 150), {
    listener: "routeTimeout",
    waitMs: allOverMs,
  }),
  answers("half a body, route timeout", silent, {
    request: `${post}abc`,
    listener: "routeTimeout",
    waitMs: 900,
  }),
  sends("an idle connection", get, "connectionIdle", allOverMs),
  sends("an idle connection without a request", "", "connectionIdle", allOverMs),
];

const endings: readonly (readonly [name: string, act: (peer: Http1Peer) => void])[] = [
  ["before the head", silent],
  ["within the head", says("HTTP/1.1 200 OK\r\ncontent-")],
  ["after a head with a length", says(okHead)],
  ["within a length", says(`${okHead}abc`)],
  ["after a length", says(ok)],
  ["after a chunked head", says(chunkedHead)],
  ["within a chunk", says(`${chunkedHead}5\r\nab`)],
  ["between chunks", says(`${chunkedHead}2\r\nab\r\n`)],
  ["before the end of the trailers", says(`${chunkedHead}2\r\nab\r\n0\r\n`)],
  ["after the last chunk", says(`${chunkedHead}2\r\nab\r\n0\r\n\r\n`)],
  ["after a body without framing", says("HTTP/1.1 200 OK\r\n\r\nabc")],
  ["after a head without framing", says("HTTP/1.1 200 OK\r\n\r\n")],
  ["after a 1xx", says("HTTP/1.1 103 Early Hints\r\n\r\n")],
  ["after garbage", says("garbage\r\n\r\n")],
];

const upstreams: readonly Scenario[] = [
  ...endings.flatMap(([name, act]) => [
    answers(`an upstream's FIN ${name}`, then(act, fin)),
    answers(`an upstream's RST ${name}`, then(act, rst)),
    answers(`an upstream's FIN ${name}, within a request`, then(act, fin), {
      request: `${post}abc`,
    }),
  ]),
  answers("100, then 200", says(`HTTP/1.1 100 Continue\r\n\r\n${ok}`)),
  answers("103, then 200", says(`HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n${ok}`)),
  answers(
    "100, 102, 103, then 200",
    says(
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n${ok}`,
    ),
  ),
  answers("199, then 200", says(`HTTP/1.1 199 Odd\r\n\r\n${ok}`)),
  answers("fifty 102, then 200", says(`${"HTTP/1.1 102 Processing\r\n\r\n".repeat(50)}${ok}`)),
  answers("103 and no more", says("HTTP/1.1 103 Early Hints\r\n\r\n"), {
    listener: "routeTimeout",
    waitMs: 800,
  }),
  answers(
    "101 unasked",
    says("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nabc"),
  ),
  answers("103, then 200, proxied", says(`HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n${ok}`), {
    listener: "proxied100",
  }),
  answers(
    "100 twice, then 200, proxied",
    says(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${ok}`),
    { listener: "proxied100" },
  ),
  answers("garbage", says("garbage\r\n\r\n")),
  answers("garbage within chunks", says(`${chunkedHead}2\r\nab\r\nzz\r\n`)),
  answers("more than the length", says("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokMORE")),
  answers("two answers", says(ok + ok)),
  answers("HEAD with a body", says(ok), { request: "HEAD / HTTP/1.1\r\nhost: a\r\n\r\n" }),
  answers("HEAD with chunks", says(`${chunkedHead}2\r\nab\r\n0\r\n\r\n`), {
    request: "HEAD / HTTP/1.1\r\nhost: a\r\n\r\n",
  }),
  answers("HEAD without framing", then(says("HTTP/1.1 200 OK\r\n\r\n"), fin), {
    request: "HEAD / HTTP/1.1\r\nhost: a\r\n\r\n",
  }),
  ...["204 No Content", "205 Reset Content", "304 Not Modified"].flatMap((status) => [
    answers(`${status} with a length`, says(`HTTP/1.1 ${status}\r\ncontent-length: 2\r\n\r\nok`)),
    answers(`${status} with length 0`, says(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`)),
    answers(
      `${status} with chunks`,
      says(`HTTP/1.1 ${status}\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
    ),
    answers(`${status}, bare`, says(`HTTP/1.1 ${status}\r\n\r\n`)),
  ]),
  answers("trailers, not enabled", says(`${chunkedHead}2\r\nok\r\n0\r\nx-t: 1\r\n\r\n`)),
  answers("trailers, enabled", says(`${chunkedHead}2\r\nok\r\n0\r\nx-t: 1\r\nx-u: 2\r\n\r\n`), {
    listener: "trailers",
  }),
  answers("trailers for HTTP/1.0", says(`${chunkedHead}2\r\nok\r\n0\r\nx-t: 1\r\n\r\n`), {
    listener: "http10",
    request: "GET / HTTP/1.0\r\nhost: a\r\n\r\n",
  }),
  answers("an early answer", says(ok), { request: `${post}abc` }),
  answers("an early answer to chunks", says(ok), { request: `${postChunked}3\r\nabc\r\n` }),
  answers(
    "an early answer that closes",
    then(says("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"), fin),
    { request: `${post}abc` },
  ),
  answers("an early head only", says(okHead), { request: `${post}abc` }),
  {
    name: "an early answer, and the rest of the request",
    run: async (side) => {
      const client = await side.client();
      client.send(`${post}abc`);
      await client.until("ok");
      client.send("defghij");
      client.send(get);
      await client.untilEnded(settleMs);
      return client;
    },
  },
  {
    name: "an early head, the rest of the request, the rest of the answer",
    run: async (side) => {
      side.onUpstream = (peer) => {
        let begun = false;
        peer.onText = (text) => {
          if (!begun) peer.send("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n");
          begun = true;
          if (text.endsWith("abcdefghij")) peer.send("done");
        };
      };
      const client = await side.client();
      client.send(`${post}abc`);
      await client.until("content-length");
      client.send("defghij");
      await client.until("done");
      return client;
    },
  },
];

const clients: readonly Scenario[] = [
  {
    name: "a client's FIN after its request",
    run: async (side) => {
      side.onUpstream = answering((peer) => {
        setTimeout(() => peer.send(ok), 100);
      });
      const client = await side.client();
      client.send(get);
      while (side.upstreams[0]?.text === undefined) await sleep(5);
      await side.upstreams[0].until("\r\n\r\n");
      client.end();
      await client.untilEnded(600);
      return client;
    },
  },
  {
    name: "a client's FIN within its request",
    run: async (side) => {
      side.onUpstream = answering(silent);
      const client = await side.client();
      client.send(`${post}abc`);
      client.end();
      await client.untilEnded(600);
      return client;
    },
  },
  {
    name: "a client's FIN within a head",
    run: async (side) => {
      const client = await side.client();
      client.send("GET / HTTP/1.1\r\nhost");
      client.end();
      await client.untilEnded(600);
      return client;
    },
  },
  {
    name: "a client's FIN within its answer",
    run: async (side) => {
      side.onUpstream = answering(says(`${okHead}abc`));
      const client = await side.client();
      client.send(get);
      await client.until("abc");
      client.end();
      await client.untilEnded(600);
      return client;
    },
  },
  ...[2, 10, 100].map((count) =>
    sends(
      `${count} requests at once`,
      Array.from({ length: count }, (_, at) => `GET /${at} HTTP/1.1\r\nhost: a\r\n\r\n`).join(""),
      "plain",
      600,
    ),
  ),
  sends(
    "a request after one that closes",
    `GET /1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\nGET /2 HTTP/1.1\r\nhost: a\r\n\r\n`,
  ),
  sends(
    "a request after one that is none",
    `GET /1 HTTP/1.1\r\nhost: a\r\n\r\nnone\r\n\r\nGET /2 HTTP/1.1\r\nhost: a\r\n\r\n`,
  ),
  sends("POST and GET at once", `${post}abcdefghij${get}`),
  sends(
    "Expect: 100-continue, no body yet",
    "POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n",
    "requestTimeout",
    allOverMs,
  ),
  {
    name: "Expect: 100-continue, then the body",
    run: async (side) => {
      side.onUpstream = (peer) => {
        peer.onText = (text) => {
          if (text.endsWith("abc")) peer.send(ok);
        };
      };
      const client = await side.client();
      client.send(
        "POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n",
      );
      await client.until("100 Continue\r\n\r\n");
      client.send("abc");
      await client.until("ok");
      return client;
    },
  },
  {
    name: "Expect: 100-continue, proxied",
    run: async (side) => {
      side.onUpstream = (peer) => {
        peer.onText = (text) => {
          if (text.endsWith("\r\n\r\n")) peer.send("HTTP/1.1 100 Continue\r\n\r\n");
          if (text.endsWith("abc")) peer.send(ok);
        };
      };
      const client = await side.client("proxied100");
      client.send(
        "POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n",
      );
      await client.until("100 Continue\r\n\r\n");
      client.send("abc");
      await client.until("ok");
      return client;
    },
  },
  sends(
    "Expect: 100-Continue without a body",
    "GET / HTTP/1.1\r\nhost: a\r\nexpect: 100-Continue\r\n\r\n",
  ),
  sends("Expect: something", "GET / HTTP/1.1\r\nhost: a\r\nexpect: something\r\n\r\n"),
  sends(
    "Expect: 100-continue, HTTP/1.0",
    "GET / HTTP/1.0\r\nhost: a\r\nexpect: 100-continue\r\n\r\n",
    "http10",
  ),
  sends("connection: close", "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"),
  sends("Connection: Close", "GET / HTTP/1.1\r\nhost: a\r\nConnection: Close\r\n\r\n"),
  sends(
    "connection: keep-alive, close",
    "GET / HTTP/1.1\r\nhost: a\r\nconnection: keep-alive, close\r\n\r\n",
  ),
  sends("proxy-connection: close", "GET / HTTP/1.1\r\nhost: a\r\nproxy-connection: close\r\n\r\n"),
  sends("HTTP/1.0", "GET / HTTP/1.0\r\nhost: a\r\n\r\n", "http10"),
  sends(
    "HTTP/1.0 with keep-alive",
    "GET / HTTP/1.0\r\nhost: a\r\nconnection: keep-alive\r\n\r\n",
    "http10",
  ),
  sends("HTTP/1.0 with close", "GET / HTTP/1.0\r\nhost: a\r\nconnection: close\r\n\r\n", "http10"),
  sends("HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", "http10"),
  sends("HTTP/1.1 without Host", "GET /x HTTP/1.1\r\n\r\n"),
  sends("HTTP/1.0, not served", "GET / HTTP/1.0\r\nhost: a\r\n\r\n"),
  sends("HTTP/1.0 POST", "POST / HTTP/1.0\r\nhost: a\r\ncontent-length: 2\r\n\r\nab", "http10"),
  answers("chunks for HTTP/1.0", says(`${chunkedHead}2\r\nab\r\n0\r\n\r\n`), {
    request: "GET / HTTP/1.0\r\nhost: a\r\nconnection: keep-alive\r\n\r\n",
    listener: "http10",
  }),
  sends("request trailers, not enabled", `${postChunked}3\r\nabc\r\n0\r\nx-t: 1\r\n\r\n`),
  sends("request trailers, enabled", `${postChunked}3\r\nabc\r\n0\r\nx-t: 1\r\n\r\n`, "trailers"),
  sends("absolute form", "GET http://b.test/x?y HTTP/1.1\r\nhost: a\r\n\r\n"),
  sends("absolute form without a path", "GET http://b.test HTTP/1.1\r\nhost: a\r\n\r\n"),
  sends("absolute form, https", "GET https://b.test/x HTTP/1.1\r\nhost: a\r\n\r\n"),
  sends("absolute form, ftp", "GET ftp://b.test/x HTTP/1.1\r\nhost: a\r\n\r\n"),
  sends("absolute form without Host", "GET http://b.test/x HTTP/1.1\r\n\r\n"),
  sends("absolute form, OPTIONS", "OPTIONS http://b.test HTTP/1.1\r\nhost: a\r\n\r\n"),
  sends("OPTIONS *", "OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n"),
  sends("CONNECT", "CONNECT b.test:80 HTTP/1.1\r\nhost: b.test:80\r\n\r\n"),
  sends("CONNECT and data", "CONNECT b.test:80 HTTP/1.1\r\nhost: b.test:80\r\n\r\nabc"),
  sends("CONNECT with a path", "CONNECT /x HTTP/1.1\r\nhost: b.test:80\r\n\r\n"),
];

const upgrade = (more = "", host = "a") =>
  `GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n${more}\r\n`;
const switched =
  "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n";

/** After the 101 both sides talk, then one of them ends. */
function talks(name: string, end: (client: Http1Peer, upstream: Http1Peer) => void): Scenario {
  return {
    name,
    run: async (side) => {
      side.onUpstream = answering(says(`${switched}hello`));
      const client = await side.client("upgrades");
      client.send(upgrade());
      await client.until("hello");
      client.send("hi");
      const [upstream] = side.upstreams;
      if (upstream === undefined) throw new Error("no connection to the upstream");
      await upstream.until("hi");
      end(client, upstream);
      await Promise.all([client.untilEnded(600), upstream.untilEnded(600)]);
      return client;
    },
  };
}

const upgrades: readonly Scenario[] = [
  sends("an upgrade, not allowed", upgrade()),
  talks("a websocket that the client ends", (client) => client.end()),
  talks("a websocket that the client resets", (client) => client.rst()),
  talks("a websocket that the upstream ends", (_client, upstream) => upstream.end()),
  talks("a websocket that the upstream resets", (_client, upstream) => upstream.rst()),
  answers("an upgrade that the upstream declines", says(ok), {
    request: upgrade(),
    listener: "upgrades",
  }),
  answers(
    "an upgrade that the upstream refuses",
    says("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno"),
    { request: upgrade(), listener: "upgrades" },
  ),
  answers("an upgrade with a body", says(switched), {
    request: `${upgrade("content-length: 2\r\n")}ab`,
    listener: "upgrades",
  }),
  answers("an upgrade with data at once", says(switched), {
    request: `${upgrade()}data`,
    listener: "upgrades",
  }),
  sends(
    "an upgrade to another protocol",
    "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n",
    "upgrades",
  ),
  sends(
    "an upgrade to h2c",
    "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n",
    "upgrades",
  ),
  sends(
    "Upgrade without Connection",
    "GET / HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\n\r\n",
    "upgrades",
  ),
  sends(
    "Connection: upgrade without Upgrade",
    "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\n\r\n",
    "upgrades",
  ),
  sends(
    "two upgrades",
    "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket, other\r\n\r\n",
    "upgrades",
  ),
  sends(
    "an upgrade of HTTP/1.0",
    "GET / HTTP/1.0\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    "http10",
  ),
  {
    name: "a tunnel by CONNECT",
    run: async (side) => {
      side.onUpstream = (peer) => {
        peer.onText = (text) => {
          if (text.endsWith("\r\n\r\n")) peer.send("HTTP/1.1 200 OK\r\n\r\n");
          if (text.endsWith("hi")) peer.send("hello");
        };
      };
      const client = await side.client("tunnels");
      client.send("CONNECT b.test:80 HTTP/1.1\r\nhost: b.test:80\r\n\r\n");
      await client.until("\r\n\r\n");
      client.send("hi");
      await client.until("hello");
      client.end();
      await client.untilEnded(600);
      return client;
    },
  },
];

export const scenarios: readonly Scenario[] = [
  ...timeLimits,
  ...upstreams,
  ...clients,
  ...upgrades,
];
