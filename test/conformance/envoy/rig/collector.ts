/** Stands where Zipkin or an OTLP collector would, and keeps what the proxy reports. */
import { MessageReader } from "./message-reader.ts";
import type { CollectorPost, DecodedSpan } from "./recorded-case.ts";
import { decodeReport } from "./reported-spans.ts";
import { type Listening, listen, listenHttp2 } from "./upstream.ts";

export interface Report extends CollectorPost {
  readonly spans: readonly DecodedSpan[];
}

export interface CollectorOptions {
  readonly name: string;
  readonly port: number;
  readonly status: number;
  readonly reports: Report[];
}

export function startHttp1Collector({
  name,
  port,
  status,
  reports,
}: CollectorOptions): Promise<Listening> {
  return listen(port, (socket) => {
    const reader = new MessageReader("request", (message) => {
      const [method, path] = message.start;
      const contentType =
        message.headers.find(([key]) => key.toLowerCase() === "content-type")?.[1] ?? "";
      const spans = decodeReport(path, contentType, message.body);
      reports.push({
        server: name,
        method,
        path,
        headers: message.headers,
        spanCount: spans.length,
        spans,
      });
      socket.write(`HTTP/1.1 ${status} X\r\ncontent-length: 0\r\n\r\n`);
    });
    socket.on("data", (chunk) => reader.push(chunk));
  });
}

/** OTLP over gRPC: answers an empty message and grpc-status 0. */
export function startGrpcCollector({ name, port, reports }: CollectorOptions): Promise<Listening> {
  return listenHttp2(port, (stream, { method, path, headers }, bytes) => {
    const spans = decodeReport(path, "application/grpc", bytes);
    reports.push({ server: name, method, path, headers, spanCount: spans.length, spans });
    stream.respond(
      { ":status": 200, "content-type": "application/grpc" },
      { waitForTrailers: true },
    );
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(Buffer.alloc(5));
  });
}
