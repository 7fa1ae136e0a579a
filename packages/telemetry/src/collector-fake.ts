import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A Zipkin span as it arrived. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly id: string;
  readonly parentId?: string;
  readonly name: string;
  readonly kind?: string;
  readonly debug?: boolean;
  readonly timestamp: number;
  readonly duration: number;
  readonly localEndpoint: Readonly<Record<string, unknown>>;
  readonly remoteEndpoint?: Readonly<Record<string, unknown>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** A collector for tests: takes uploads and keeps what arrived. */
export interface FakeCollector {
  readonly endpoint: string;
  readonly port: number;
  readonly uploads: IncomingHttpHeaders[];
  readonly spans: ReceivedSpan[];
  /** Status to answer with; 0 never answers. */
  status: number;
  close(): Promise<void>;
}

/** Listens on a free port, or on `port`. */
export async function startFakeCollector(port = 0): Promise<FakeCollector> {
  const uploads: IncomingHttpHeaders[] = [];
  const spans: ReceivedSpan[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      uploads.push(request.headers);
      if (collector.status === 0) return;
      if (collector.status === 202) spans.push(...JSON.parse(Buffer.concat(chunks).toString()));
      response.writeHead(collector.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const bound = (server.address() as AddressInfo).port;
  const collector: FakeCollector = {
    endpoint: `http://127.0.0.1:${bound}/api/v2/spans`,
    port: bound,
    uploads,
    spans,
    status: 202,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return collector;
}
