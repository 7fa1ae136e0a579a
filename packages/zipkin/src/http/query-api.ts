import { DecodeError } from "../model/decode-error.ts";
import { normaliseTraceId } from "../model/hex-id.ts";
import {
  ParameterError,
  readRequired,
  readSearchRequest,
  readWindow,
} from "../query/parameters.ts";
import type { TraceJson } from "../storage/storage.ts";
import type { Exchange, Handler, ServerContext } from "./context.ts";
import { getSlowest, getStatistics, streamTraces } from "./live-api.ts";
import { sendJson, sendJsonBytes, sendText } from "./respond.ts";

const OPEN = Buffer.from("[");
const COMMA = Buffer.from(",");
const CLOSE = Buffer.from("]");

/** Once there are more names than this, browsers may keep the list for a while. */
const CACHED_FROM = 3;
const CACHE_CONTROL = "max-age=300, must-revalidate";

/** GET paths below /api/v2 but for /trace/{id}. */
export const queryHandlers: Readonly<Record<string, Handler>> = {
  services: ({ storage }, exchange) => sendNames(exchange, storage.serviceNames()),
  spans: ({ storage }, exchange) => sendNames(exchange, storage.spanNames(serviceNameOf(exchange))),
  remoteServices: ({ storage }, exchange) =>
    sendNames(exchange, storage.remoteServiceNames(serviceNameOf(exchange))),
  traces: searchTraces,
  traceMany: getTraces,
  dependencies: getDependencies,
  stats: getStatistics,
  slowest: getSlowest,
  stream: streamTraces,
  autocompleteKeys: ({ settings }, { request, response }) =>
    sendJson(
      request,
      response,
      settings.searchEnabled ? settings.autocompleteKeys.toSorted() : [],
      {
        cacheControl: CACHE_CONTROL,
      },
    ),
  autocompleteValues: ({ storage }, exchange) => {
    const key = readRequired(exchange.query, "key");
    if (key === "") throw new ParameterError("key was empty");
    return sendNames(exchange, storage.autocompleteValues(key));
  },
};

export async function getTrace(
  { storage }: ServerContext,
  { request, response }: Exchange,
  id: string,
): Promise<void> {
  const traceId = parseTraceId(id);
  const trace = storage.trace(traceId);
  if (trace.length === 0) sendText(response, 404, `${traceId} not found`);
  else await sendJsonBytes(request, response, joinSpans(trace));
}

async function getTraces({ storage }: ServerContext, exchange: Exchange): Promise<void> {
  const text = readRequired(exchange.query, "traceIds");
  const ids = text.split(",").flatMap((id) => (id === "" ? [] : [id]));
  if (ids.length === 0) throw new ParameterError("traceIds parameter is empty");
  if (ids.length === 1) {
    throw new ParameterError("Use /api/v2/trace/{traceId} endpoint to retrieve a single trace");
  }
  const normalised = new Set<string>();
  for (const id of ids) {
    const traceId = parseTraceId(id);
    if (normalised.has(traceId)) throw new ParameterError(`redundant traceId: ${traceId}`);
    normalised.add(traceId);
  }
  await sendTraces(exchange, storage.traces([...normalised]));
}

async function searchTraces(context: ServerContext, exchange: Exchange): Promise<void> {
  const search = readSearchRequest(exchange.query, {
    endTs: context.wallClock(),
    lookback: context.settings.lookback,
    limit: 10,
  });
  await sendTraces(exchange, await context.storage.search(search));
}

async function getDependencies(context: ServerContext, exchange: Exchange): Promise<void> {
  const { endTs, lookback } = readWindow(exchange.query, context.settings.lookback);
  const links = await context.storage.dependencies(endTs, lookback);
  await sendJson(exchange.request, exchange.response, links);
}

function serviceNameOf({ query }: Exchange): string {
  return readRequired(query, "serviceName").toLowerCase();
}

function parseTraceId(text: string): string {
  try {
    return normaliseTraceId(text.trim());
  } catch (error) {
    if (error instanceof DecodeError) throw new ParameterError(error.message);
    throw error;
  }
}

async function sendNames({ request, response }: Exchange, names: readonly string[]): Promise<void> {
  await sendJson(request, response, names, {
    cacheControl: names.length > CACHED_FROM ? CACHE_CONTROL : undefined,
  });
}

async function sendTraces(
  { request, response }: Exchange,
  traces: readonly TraceJson[],
): Promise<void> {
  const pieces: Uint8Array[] = [OPEN];
  for (const [i, trace] of traces.entries()) {
    if (i > 0) pieces.push(COMMA);
    pieces.push(...joinSpans(trace));
  }
  pieces.push(CLOSE);
  await sendJsonBytes(request, response, pieces);
}

export function joinSpans(trace: TraceJson): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (const span of trace) pieces.push(pieces.length === 0 ? OPEN : COMMA, span);
  pieces.push(CLOSE);
  return pieces;
}
