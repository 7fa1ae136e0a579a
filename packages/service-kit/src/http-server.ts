import { once } from "node:events";
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ListenOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
}

export interface HttpServer {
  readonly port: number;
  /** Stops listening, waits for requests in flight, then cuts what is left. */
  drain(graceMs: number): Promise<void>;
}

/** The port is taken or not ours to take. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly port: number;
  readonly code: string;
  constructor(message: string, port: number, cause: NodeJS.ErrnoException) {
    super(message, { cause });
    this.port = port;
    this.code = cause.code ?? "UNKNOWN";
  }
}

// Longer than the hour for which proxies keep an idle upstream connection: they close first, so a
// request never meets a connection that we are closing.
const KEEP_ALIVE_MS = 3_610_000;

/** Serves `handler`; rejects with ListenError. */
export async function listen(
  handler: RequestListener,
  { port, host }: ListenOptions,
): Promise<HttpServer> {
  const inFlight = new Set<ServerResponse>();
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    inFlight.add(response);
    response.once("close", () => inFlight.delete(response));
    handler(request, response);
  });
  await bind(server, port, host);
  return {
    port: (server.address() as AddressInfo).port,
    drain: (graceMs) => drain(server, inFlight, graceMs),
  };
}

async function drain(
  server: Server,
  inFlight: ReadonlySet<ServerResponse>,
  graceMs: number,
): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  try {
    const closed = once(server, "close");
    server.close();
    server.closeIdleConnections();
    // Without this a client that keeps its connection open would hold up the end.
    for (const response of inFlight) response.shouldKeepAlive = false;
    // Spans end with their responses, a cut one after its connection is gone.
    await Promise.all([closed, ...[...inFlight].map((response) => once(response, "close"))]);
  } finally {
    clearTimeout(timer);
  }
}

function bind(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(new ListenError(listenProblem(cause, port, host), port, cause));
    });
    server.listen(port, host, resolve);
  });
}

function listenProblem(
  { code, message }: NodeJS.ErrnoException,
  port: number,
  host: string,
): string {
  switch (code) {
    case "EADDRINUSE":
      return `port ${port} on ${host} is in use by another program; stop it or set PORT to a free one`;
    case "EACCES":
      return `port ${port} on ${host} is not allowed for this user; set PORT to one above 1023`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `HOST "${host}" is not an address of this machine; 0.0.0.0 listens on all`;
    default:
      return `cannot listen on ${host}:${port}: ${message}`;
  }
}
