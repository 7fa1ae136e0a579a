import { expect, test } from "vitest";
import corpus from "../../goldens/http1-corpus.json" with { type: "json" };
import { HeaderMap } from "../http/header-map.ts";
import type {
  DownstreamStream,
  RequestRefusal,
  ServerCodecOptions,
  ServerConnectionCallbacks,
  StreamReceiver,
} from "../http/stream.ts";
import { Deadlines } from "../listener/deadlines.ts";
import { MemorySocket, settled } from "./memory-socket.ts";
import { Http1ServerConnection } from "./server-connection.ts";

/** Every case was sent to Envoy 1.40.0; `response`, `closed` and `upstream` are what it did. */
type Segments = string | readonly (string | { readonly repeat: string; readonly times: number })[];

interface Case {
  readonly name: string;
  readonly listener?: string;
  readonly request: Segments;
  readonly thenEnd?: boolean;
  readonly refusedByConnectionManager?: boolean;
  readonly response?: string;
  readonly closed?: boolean;
  readonly details: readonly string[];
  readonly upstream: readonly {
    readonly method: string;
    readonly path: Segments;
    readonly headers: readonly (readonly [string, Segments])[];
    readonly body: string;
    readonly trailers?: readonly (readonly [string, string])[];
  }[];
}

interface SeenRequest {
  method: string;
  path: string;
  headers: [string, string][];
  body: string;
  trailers?: [string, string][];
}

const defaults: ServerCodecOptions = {
  codecType: "HTTP1",
  maxRequestHeadersBytes: 60 * 1024,
  maxRequestHeadersCount: 100,
  acceptHttp10: false,
  allowAbsoluteUrl: true,
  enableTrailers: false,
  properCaseResponse: false,
  drainTimeoutMs: 5000,
  delayedCloseTimeoutMs: 0,
  writeBufferHighWatermarkBytes: 1024 * 1024,
};

const listeners: Readonly<Record<string, Partial<ServerCodecOptions>>> = {
  http10: { acceptHttp10: true },
  http10host: { acceptHttp10: true, defaultHostForHttp10: "default.test" },
  trailers: { enableTrailers: true },
  noabs: { allowAbsoluteUrl: false },
};

function text(segments: Segments): string {
  if (typeof segments === "string") return segments;
  return segments.map((s) => (typeof s === "string" ? s : s.repeat.repeat(s.times))).join("");
}

/** What no hop passes on, besides the framing that each hop makes anew. */
const hopByHop = new Set(
  "connection content-length keep-alive proxy-connection te transfer-encoding upgrade".split(" "),
);

/** Answers as the recording's upstream did, with the headers Envoy's connection manager adds. */
class RecordedUpstream implements ServerConnectionCallbacks {
  readonly requests: SeenRequest[] = [];
  readonly details: string[] = [];
  begun = 0;

  onRequest(stream: DownstreamStream, headers: HeaderMap, endStream: boolean): StreamReceiver {
    this.begun += 1;
    const request = seenRequest(headers);
    const done = (): void => {
      this.requests.push(request);
      answer(stream, request);
    };
    if (endStream) done();
    return {
      onData: (chunk, end) => {
        request.body += chunk.toString("latin1");
        if (end) done();
      },
      onTrailers: (trailers) => {
        request.trailers = [...trailers].map(([name, value]) => [name, value]);
        done();
      },
      onReset: (reason, details) => this.details.push(details ?? reason),
      onDrain: () => {},
    };
  }

  onRefused(refusal: RequestRefusal): void {
    this.details.push(refusal.details);
  }

  onConnectionOpened(): void {}
  onConnectionClosed(): void {}
}

function seenRequest(headers: HeaderMap): SeenRequest {
  const named = headers.getAll("connection").join(",").toLowerCase().split(",");
  const dropped = new Set(named.map((name) => name.trim()));
  const rest = [...headers].filter(
    ([name]) => !name.startsWith(":") && !hopByHop.has(name) && !dropped.has(name),
  );
  return {
    method: headers.get(":method") ?? "",
    path: headers.get(":path") ?? "",
    headers: [
      ["host", headers.get(":authority") ?? ""],
      ...rest.map(([n, v]): [string, string] => [n, v]),
    ],
    body: "",
  };
}

function answer(stream: DownstreamStream, request: SeenRequest): void {
  const common = ["x-envoy-upstream-service-time", "0", "date", "D", "server", "envoy"];
  const isHead = request.method === "HEAD";
  const status = /^\/(204|304)/.exec(request.path)?.[1];
  if (status !== undefined) {
    stream.encodeHeaders(new HeaderMap([":status", status, ...common]), true);
  } else if (request.path.startsWith("/chunked")) {
    stream.encodeHeaders(new HeaderMap([":status", "200", ...common]), isHead);
    if (!isHead) stream.encodeData(Buffer.from("chunky"), true);
  } else {
    stream.encodeHeaders(
      new HeaderMap([":status", "200", "content-length", "2", ...common]),
      isHead,
    );
    if (!isHead) stream.encodeData(Buffer.from("ok"), true);
  }
}

async function replay(golden: Case, pieces: readonly Buffer[]) {
  const socket = new MemorySocket();
  const upstream = new RecordedUpstream();
  const deadlines = new Deadlines();
  const info = {
    id: 1,
    remoteAddress: "127.0.0.1",
    remotePort: 1,
    localAddress: "127.0.0.1",
    localPort: 2,
  };
  const options = { ...defaults, ...listeners[golden.listener ?? ""] };
  const connection = new Http1ServerConnection(socket.asSocket, info, options, upstream, deadlines);
  socket.on("error", () => {});
  socket.on("close", () => connection.socketClosed());
  for (const piece of pieces) {
    if (socket.destroyed) break;
    socket.receive(piece);
    await settled();
  }
  if (golden.thenEnd) socket.receiveEnd();
  await settled();
  const closed = socket.destroyed;
  const response = socket.written.replace(/date: [^\r]*/g, "date: D");
  socket.destroy();
  await settled();
  deadlines.close();
  return { closed, response, upstream };
}

function check(golden: Case, seen: Awaited<ReturnType<typeof replay>>): void {
  if (golden.refusedByConnectionManager) {
    expect(seen.upstream.begun).toBe(1);
    expect(seen.upstream.details.filter((details) => details !== "connection termination")).toEqual(
      [],
    );
    return;
  }
  expect({ response: seen.response, closed: seen.closed }).toEqual({
    response: golden.response,
    closed: golden.closed,
  });
  expect(seen.upstream.requests).toEqual(
    golden.upstream.map((request) => ({
      ...request,
      path: text(request.path),
      headers: request.headers.map(([name, value]) => [name, text(value)]),
    })),
  );
  // Whether the recording saw a request through to its end depends on what its upstream did.
  const isOurs = (details: string): boolean =>
    details !== "connection termination" &&
    (details !== "downstream_remote_disconnect" || seen.upstream.begun === 0);
  expect(seen.upstream.details.filter(isOurs)).toEqual(golden.details.filter(isOurs));
}

const cases = corpus as unknown as Case[];

test.each(cases)("gives Envoy's verdict: $name", async (golden) => {
  check(golden, await replay(golden, [Buffer.from(text(golden.request), "latin1")]));
});

test.each(cases.filter(({ request }) => typeof request === "string"))(
  "gives the same verdict byte by byte: $name",
  async (golden) => {
    const bytes = Buffer.from(text(golden.request), "latin1");
    const pieces = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
    check(golden, await replay(golden, pieces));
  },
);
