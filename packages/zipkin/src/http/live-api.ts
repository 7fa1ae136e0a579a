import type { Span } from "../model/span.ts";
import { traceTimestamp } from "../query/matches.ts";
import { ParameterError, readInt, readLong } from "../query/parameters.ts";
import { StatisticsBuilder } from "../query/statistics.ts";
import type { Exchange, ServerContext } from "./context.ts";
import { sendJson } from "./respond.ts";

/** Milliseconds, where the request does not say. */
const DEFAULT_WINDOW_MS = 900_000;

interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

function readOptionalWindow({ query }: Exchange, now: number): Window {
  const endTs = readLong(query, "endTs") ?? now;
  const lookback = readLong(query, "lookback") ?? DEFAULT_WINDOW_MS;
  if (endTs <= 0) throw new ParameterError("endTs <= 0");
  if (lookback <= 0) throw new ParameterError("lookback <= 0");
  return { fromMs: endTs - lookback, toMs: endTs };
}

/** Not in Zipkin: requests, errors and latency of each service and each edge over a window. */
export async function getStatistics(context: ServerContext, exchange: Exchange): Promise<void> {
  const window = readOptionalWindow(exchange, context.wallClock());
  const builder = new StatisticsBuilder();
  for await (const trace of context.storage.tracesBetween(window.fromMs, window.toMs)) {
    builder.add(trace);
  }
  const { evictedSpans, evictedTraces } = context.storage.usage();
  await sendJson(exchange.request, exchange.response, {
    endTs: window.toMs,
    lookback: window.toMs - window.fromMs,
    ...builder.build(),
    evictedSpans,
    evictedTraces,
  });
}

/** Not in Zipkin: the truly slowest traces of a window, by their longest span; slowest first. */
export async function getSlowest(context: ServerContext, exchange: Exchange): Promise<void> {
  const window = readOptionalWindow(exchange, context.wallClock());
  const limit = readInt(exchange.query, "limit") ?? 10;
  if (limit <= 0) throw new ParameterError("limit <= 0");
  const serviceName = exchange.query.get("serviceName")?.toLowerCase();
  const slowest: { duration: number; trace: readonly Span[] }[] = [];
  for await (const trace of context.storage.tracesBetween(window.fromMs, window.toMs)) {
    const duration = longest(trace, serviceName === "" ? undefined : serviceName);
    const last = slowest.at(-1);
    if (duration === 0 || traceTimestamp(trace) === 0) continue;
    if (slowest.length >= limit && last !== undefined && duration <= last.duration) continue;
    slowest.push({ duration, trace });
    slowest.sort((left, right) => right.duration - left.duration);
    if (slowest.length > limit) slowest.pop();
  }
  await sendJson(
    exchange.request,
    exchange.response,
    slowest.map(({ trace }) => trace),
  );
}

function longest(trace: readonly Span[], serviceName: string | undefined): number {
  let duration = 0;
  for (const span of trace) {
    if (serviceName !== undefined && span.localEndpoint?.serviceName !== serviceName) continue;
    duration = Math.max(duration, span.duration ?? 0);
  }
  return duration;
}

/** Milliseconds without a new span after which a trace is sent. */
const DEFAULT_QUIET_MS = 1000;
const MAX_QUIET_MS = 60_000;
/** Milliseconds between comments that keep proxies from closing a silent stream. */
const KEEP_ALIVE_MS = 15_000;
/** Bytes a slow reader may have waiting; what comes meanwhile is counted and left out. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const MAX_STREAMS = 64;

let openStreams = 0;

/** Not in Zipkin: server-sent events, one for each trace that has gone quiet. */
export function streamTraces(context: ServerContext, { response, query }: Exchange): void {
  const quietMs = readInt(query, "quietMs") ?? DEFAULT_QUIET_MS;
  if (quietMs <= 0 || quietMs > MAX_QUIET_MS) {
    throw new ParameterError(`quietMs ${quietMs}: allowed are 1 to ${MAX_QUIET_MS}`);
  }
  if (openStreams >= MAX_STREAMS) throw new ParameterError(`more than ${MAX_STREAMS} streams`);
  openStreams++;
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write(": traces as they finish\n\n");
  let skipped = 0;
  const stop = context.collector.onTrace((trace) => {
    if (response.writableLength > MAX_WAITING_BYTES) {
      skipped++;
      return;
    }
    if (skipped > 0) response.write(`event: skipped\ndata: ${skipped}\n\n`);
    skipped = 0;
    response.write(`event: trace\ndata: ${JSON.stringify(trace)}\n\n`);
  }, quietMs);
  const keepAlive = setInterval(() => response.write(": still here\n\n"), KEEP_ALIVE_MS);
  keepAlive.unref();
  response.once("close", () => {
    openStreams--;
    clearInterval(keepAlive);
    stop();
  });
}
