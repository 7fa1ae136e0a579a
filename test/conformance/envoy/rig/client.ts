/** Sends a case's request with exactly its bytes and keeps the answer with exactly its own. */
import http2 from "node:http2";
import net from "node:net";
import { MessageReader } from "./message-reader.ts";
import type { CaseRequest, HeaderLines, SeenResponse } from "./recorded-case.ts";

/** Milliseconds before a request counts as unanswered. */
const answerTimeoutMs = 8_000;
/** Milliseconds to go on listening after a whole answer: nothing more may come. */
const afterAnswerMs = 10;

type Ports = Readonly<Record<string, number>>;

/** `{{LISTENER_PORT}}` and the like become the ports of this run. */
export function fillPorts(text: string, ports: Ports): string {
  return text.replace(/\{\{([A-Z0-9_]+)\}\}/g, (whole, name: string) =>
    String(ports[name] ?? whole),
  );
}

export function sendRequest(
  port: number,
  request: CaseRequest,
  ports: Ports,
): Promise<SeenResponse> {
  return request.proto === "h2" ? sendHttp2(port, request, ports) : sendHttp1(port, request, ports);
}

export function sendHttp1(port: number, request: CaseRequest, ports: Ports): Promise<SeenResponse> {
  return new Promise((resolve) => {
    const start = Date.now();
    const socket = net.connect(port, "127.0.0.1");
    let answer: SeenResponse | undefined;
    let received = 0;
    const timers = new Set<NodeJS.Timeout>();
    const later = (ms: number, run: () => void) => timers.add(setTimeout(run, ms));
    const settle = (response: SeenResponse) => {
      for (const timer of timers) clearTimeout(timer);
      if (request.recordElapsed) response.elapsedMs = Date.now() - start;
      socket.removeAllListeners("close").destroy();
      resolve(response);
    };
    const reader = new MessageReader(
      "response",
      ({ start: [version, status, reason], headers, body, trailers, truncated, informational }) => {
        answer = { status: Number(status), reason, version, headers, body: body.toString("utf8") };
        if (trailers) answer.trailers = trailers;
        if (truncated) answer.truncated = true;
        if (informational.length > 0) answer.informational = informational;
        const whole = answer;
        if (request.awaitClose)
          later(request.awaitClose, () => settle({ ...whole, closed: false }));
        else later(afterAnswerMs, () => settle(whole));
      },
      { isHead: request.method === "HEAD" },
    );
    socket.on("data", (chunk) => {
      received += chunk.length;
      reader.push(chunk);
    });
    socket.on("error", (error: NodeJS.ErrnoException) =>
      settle(answer ?? { error: error.code ?? "error" }),
    );
    socket.on("close", () => {
      reader.end();
      if (answer) settle(request.awaitClose ? { ...answer, closed: true } : answer);
      else settle({ error: "closed", bytes: received });
    });
    later(answerTimeoutMs, () => settle(answer ?? { error: "client-timeout" }));
    if (request.abortAfterMs)
      later(request.abortAfterMs, () => settle({ error: "client-aborted" }));
    socket.write(Buffer.from(requestBytes(request, ports), "latin1"));
  });
}

function requestBytes(request: CaseRequest, ports: Ports): string {
  if (request.raw !== undefined) return fillPorts(request.raw, ports);
  const headers = (request.headers ?? []).map(
    ([key, value]) => [key, fillPorts(value, ports)] as const,
  );
  const names = new Set(headers.map(([key]) => key.toLowerCase()));
  const body = request.bodySize ? "x".repeat(request.bodySize) : request.body;
  const isFramed = names.has("content-length") || names.has("transfer-encoding");
  const lines = [
    `${request.method ?? "GET"} ${request.path ?? "/"} ${request.version ?? "HTTP/1.1"}`,
    ...(names.has("host") ? [] : ["host: example.test"]),
    ...headers.map(([key, value]) => `${key}: ${value}`),
    ...(body === undefined || isFramed ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body ?? ""}`;
}

function sendHttp2(port: number, request: CaseRequest, ports: Ports): Promise<SeenResponse> {
  return new Promise((resolve) => {
    const session = http2.connect(`http://127.0.0.1:${port}`);
    const timer = setTimeout(() => settle({ error: "client-timeout" }), answerTimeoutMs);
    const settle = (response: SeenResponse) => {
      clearTimeout(timer);
      session.destroy();
      resolve(response);
    };
    session.on("error", (error: NodeJS.ErrnoException) => settle({ error: error.code ?? "error" }));
    const stream = session.request(http2Headers(request, ports), {
      endStream: request.body === undefined,
    });
    const response: SeenResponse = { version: "HTTP/2" };
    const chunks: Buffer[] = [];
    stream.on("response", (headers) => {
      response.status = Number(headers[":status"]);
      response.headers = headerLines(headers).filter(([key]) => key !== ":status");
    });
    stream.on("trailers", (trailers) => {
      response.trailers = headerLines(trailers);
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", (error: NodeJS.ErrnoException) => {
      response.error = error.code ?? "error";
    });
    stream.on("close", () => {
      response.body = Buffer.concat(chunks).toString("latin1");
      if (stream.rstCode) response.rst = stream.rstCode;
      settle(response);
    });
    if (request.body !== undefined) stream.end(Buffer.from(request.body, "latin1"));
  });
}

function http2Headers(request: CaseRequest, ports: Ports): http2.OutgoingHttpHeaders {
  const headers: http2.OutgoingHttpHeaders = {
    ":method": request.method ?? "GET",
    ":path": request.path ?? "/",
    ":scheme": "http",
    ":authority": "example.test",
  };
  for (const [key, value] of request.headers ?? []) {
    const name = key.toLowerCase() === "host" ? ":authority" : key;
    const filled = fillPorts(value, ports);
    const before = headers[name];
    const isRepeat = before !== undefined && name !== ":authority";
    headers[name] = isRepeat ? ([] as string[]).concat(before as string, filled) : filled;
  }
  return headers;
}

function headerLines(headers: http2.IncomingHttpHeaders): HeaderLines {
  return Object.entries(headers).flatMap(([key, value]) =>
    [value].flat().map((one) => [key, String(one)] as const),
  );
}
