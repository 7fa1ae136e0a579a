import { createServer, type Server } from "node:http";
import { Collector, type TraceListener } from "./collector/collector.ts";
import type { ServerContext } from "./http/context.ts";
import { PostLane } from "./http/post-lane.ts";
import { BodyReader } from "./http/request-body.ts";
import { handle } from "./http/router.ts";
import { readSettings, type Settings } from "./settings.ts";
import { MemoryStorage } from "./storage/memory/memory-storage.ts";
import type { Storage } from "./storage/storage.ts";

export interface ZipkinOptions {
  /** The real server's environment variables; see settings.ts. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Overrides QUERY_PORT; 0 takes any free one. */
  readonly port?: number;
  /** Default: all addresses. */
  readonly host?: string;
  /** Folder of the user interface; overrides ZIPKIN_UI_DIR. */
  readonly uiDir?: string;
  readonly log: (line: string) => void;
}

export interface RunningZipkin {
  readonly port: number;
  /** Where Jaeger clients may post as well; undefined unless COLLECTOR_JAEGER_PORT asks for it. */
  readonly jaegerPort: number | undefined;
  readonly storage: Storage;
  /** Calls the listener with each trace that has been quiet for a while. Returns the way to stop. */
  onTrace(listener: TraceListener, options?: { readonly quietMs?: number }): () => void;
  close(): Promise<void>;
}

/** Milliseconds without a new span after which a trace is taken for finished. */
const QUIET_MS = 1000;

/**
 * Longer than any client keeps an idle connection (proxies: an hour), so that the client closes first.
 * With the five seconds of `node:http`, a reporter that flushes every five seconds would now and then post
 * into a connection that is just being closed, and lose its spans.
 */
const KEEP_ALIVE_MS = 3_610_000;

/**
 * Starts the store in this process.
 *
 * @example
 * const zipkin = await startZipkin({ env: {}, port: 0, log: console.log });
 * zipkin.onTrace((trace) => console.log(trace.length, "spans"));
 */
export async function startZipkin(options: ZipkinOptions): Promise<RunningZipkin> {
  const settings = withOverrides(readSettings(options.env), options);
  const now = () => performance.now();
  const storage = await createStorage(settings, now);
  const collector = new Collector({ storage, sampleRate: settings.sampleRate, now });
  const context: ServerContext = {
    settings,
    storage,
    collector,
    bodies: new BodyReader(),
    wallClock: () => Date.now(),
    startedAt: Date.now(),
    log: options.log,
    shown: { serviceCount: 0 },
  };
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => void handle(context, request, response),
  );
  const lane = settings.httpCollectorEnabled ? new PostLane(context, server) : undefined;
  try {
    await listen(server, settings.port, options.host);
  } catch (error) {
    lane?.close();
    await storage.close();
    throw error;
  }
  const jaeger = await listenForJaeger(context, options.host).catch(async (error: unknown) => {
    await closeServer(server, lane);
    await storage.close();
    throw error;
  });
  return {
    port: portOf(server),
    jaegerPort: jaeger === undefined ? undefined : portOf(jaeger),
    storage,
    onTrace: (listener, { quietMs = QUIET_MS } = {}) => collector.onTrace(listener, quietMs),
    close: async () => {
      collector.close();
      await Promise.all([closeServer(server, lane), jaeger && closeServer(jaeger)]);
      await storage.close();
    },
  };
}

function withOverrides(settings: Settings, { port, uiDir }: ZipkinOptions): Settings {
  return {
    ...settings,
    port: port ?? settings.port,
    ui: { ...settings.ui, folder: uiDir ?? settings.ui.folder },
  };
}

/** `node:sqlite` is loaded only when asked for: it costs start-up time. */
async function createStorage(settings: Settings, now: () => number): Promise<Storage> {
  if (settings.storageType === "sqlite") {
    const { SqliteStorage } = await import("./storage/sqlite/sqlite-storage.ts");
    return new SqliteStorage(settings);
  }
  return new MemoryStorage({ ...settings, now });
}

/** Jaeger's own port takes nothing but Jaeger's own path. */
async function listenForJaeger(
  context: ServerContext,
  host: string | undefined,
): Promise<Server | undefined> {
  const port = context.settings.jaegerPort;
  if (port === undefined) return undefined;
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    const isJaeger = request.url?.split("?")[0] === "/api/traces";
    if (isJaeger) void handle(context, request, response);
    else response.writeHead(404).end("404 Not Found");
  });
  await listen(server, port, host);
  return server;
}

function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Lets requests in progress finish; idle connections are closed at once. */
async function closeServer(server: Server, lane?: PostLane): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  lane?.close();
  const force = setTimeout(() => {
    server.closeAllConnections();
    lane?.closeAll();
  }, 1000);
  await closed;
  clearTimeout(force);
}
