/** What clients send: the answer, and what of it reached the service. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { startRecordedEnvoy } from "./recorded-envoy.ts";
import { type Segments, toSegments, toText } from "./segments.ts";

/** The first five are what is tried, the rest is what came of it. */
export interface RequestCase {
  readonly name: string;
  readonly source: string;
  readonly listener?: string;
  readonly request: Segments;
  readonly thenEnd?: boolean;
  /** Answered after the codec was done with it. */
  readonly refusedByConnectionManager?: boolean;
  readonly response?: string;
  readonly closed?: boolean;
  readonly details: readonly string[];
  readonly upstream: readonly SeenRequest[];
}

interface SeenRequest {
  readonly method: string;
  readonly path: Segments;
  readonly headers: readonly (readonly [name: string, value: Segments])[];
  readonly body: string;
  readonly trailers?: readonly (readonly [name: string, value: string])[];
}

const listeners = {
  main: {},
  http10: { http_protocol_options: { accept_http_10: true } },
  http10host: {
    http_protocol_options: { accept_http_10: true, default_host_for_http_10: "default.test" },
  },
  trailers: { http_protocol_options: { enable_trailers: true } },
  noabs: { http_protocol_options: { allow_absolute_url: false } },
};

/** Details of answers that the codec had no part in. */
const byConnectionManager =
  /path_normalization_failed|upgrade_failed|absolute_path_rejected|query_missing|route_not_found/;

export async function recordRequests(cases: readonly RequestCase[]): Promise<RequestCase[]> {
  const seen: SeenRequest[] = [];
  const server = createServer((socket) => serve(socket, seen));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const envoy = await startRecordedEnvoy((server.address() as AddressInfo).port, listeners);
  const recorded: RequestCase[] = [];
  try {
    for (const { name, source, listener, request, thenEnd } of cases) {
      seen.length = 0;
      const sent = toText(request);
      const got = await envoy.send(listener ?? "main", sent, thenEnd ?? false);
      const isManagers = byConnectionManager.test(got.log.join());
      recorded.push({
        name,
        source,
        ...(listener === undefined ? {} : { listener }),
        request,
        ...(thenEnd === undefined ? {} : { thenEnd }),
        ...(isManagers
          ? { refusedByConnectionManager: true }
          : { response: got.response, closed: got.closed }),
        details: got.log.filter((details) => details !== "via_upstream"),
        upstream: [...seen],
      });
    }
  } finally {
    await envoy.stop();
    server.close();
  }
  return recorded;
}

/** Framing is the codec's own, and these come of the connection manager. */
const ofTheHop = /^(content-length|transfer-encoding|te|x-request-id|x-forwarded-proto|x-envoy.*)$/;

/** Reads requests and answers each when it is whole, by its path. */
function serve(socket: Socket, seen: SeenRequest[]): void {
  let input = "";
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    input += chunk.toString("latin1");
    for (;;) {
      const request = readRequest(input);
      if (request === undefined) return;
      input = input.slice(request.length);
      seen.push(request.seen);
      socket.write(answerTo(request.path, request.seen.method === "HEAD"));
    }
  });
}

function readRequest(input: string) {
  const headEnd = input.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const [requestLine = "", ...lines] = input.slice(0, headEnd).split("\r\n");
  const [, method = "", path = ""] = /^(\S+) (.*) \S+$/.exec(requestLine) ?? [];
  const headers = lines.map(splitLine);
  const length = headers.find(([name]) => name === "content-length")?.[1];
  const isChunked = headers.some(([name]) => name === "transfer-encoding");
  const body = isChunked
    ? readChunks(input, headEnd + 4)
    : readLength(input, headEnd + 4, Number(length ?? 0));
  if (body === undefined) return undefined;
  const seen: SeenRequest = {
    method,
    path: toSegments(path),
    headers: headers
      .filter(([name]) => !ofTheHop.test(name))
      .map(([name, value]) => [name, toSegments(value)] as const),
    body: body.text,
    ...(body.trailers.length === 0 ? {} : { trailers: body.trailers }),
  };
  return { seen, path, length: body.end };
}

interface ReadBody {
  readonly text: string;
  readonly trailers: readonly (readonly [string, string])[];
  readonly end: number;
}

function readLength(input: string, from: number, length: number): ReadBody | undefined {
  const end = from + length;
  return input.length < end ? undefined : { text: input.slice(from, end), trailers: [], end };
}

function readChunks(input: string, from: number): ReadBody | undefined {
  let text = "";
  let at = from;
  for (;;) {
    const lineEnd = input.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(input.slice(at, lineEnd), 16);
    at = lineEnd + 2;
    if (size === 0) break;
    if (input.length < at + size + 2) return undefined;
    text += input.slice(at, at + size);
    at += size + 2;
  }
  if (input.startsWith("\r\n", at)) return { text, trailers: [], end: at + 2 };
  const end = input.indexOf("\r\n\r\n", at);
  if (end < 0) return undefined;
  return { text, trailers: input.slice(at, end).split("\r\n").map(splitLine), end: end + 4 };
}

function splitLine(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 2)];
}

function answerTo(path: string, isHead: boolean): string {
  if (path.startsWith("/204")) return "HTTP/1.1 204 No Content\r\n\r\n";
  if (path.startsWith("/304")) return "HTTP/1.1 304 Not Modified\r\n\r\n";
  if (path.startsWith("/chunked"))
    return `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${isHead ? "" : "3\r\nchu\r\n3\r\nnky\r\n0\r\n\r\n"}`;
  return `HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n${isHead ? "" : "ok"}`;
}
