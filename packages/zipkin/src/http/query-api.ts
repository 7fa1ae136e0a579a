import { DecodeError } from "../model/decode-error.ts";
import { normaliseTraceId } from "../model/hex-id.ts";
import { trimLikeJava } from "../model/java-text.ts";
import { lowTraceId } from "../model/span.ts";
import {
  ParameterError,
  readRequired,
  readSearchRequest,
  readWindow,
} from "../query/parameters.ts";
import { splitAtMost } from "../query/search-request.ts";
import type { Storage, TraceJson } from "../storage/storage.ts";
import type { Exchange, Handler, ServerContext } from "./context.ts";
import { getSlowest, getStatistics, streamTraces } from "./live-api.ts";
import { sendJson, sendJsonBytes, sendText } from "./respond.ts";

const OPEN = Buffer.from("[");
const COMMA = Buffer.from(",");
const CLOSE = Buffer.from("]");
const NO_SPANS: TraceJson = Buffer.from("[]");

/** Once there are more than this, browsers may keep names for a while: who has less has only just begun. */
const CACHED_FROM = 3;
/** Ids looked at one by one; what is behind them counts as one more. */
const MAX_IDS = 1000;
const CACHE_CONTROL = "max-age=300, must-revalidate";

/** GET paths below /api/v2 but for /trace/{id}. */
export const queryHandlers: Readonly<Record<string, Handler>> = {
  services: ({ storage, shown }, exchange) => {
    const names = storage.serviceNames();
    shown.serviceCount = names.length;
    return sendNames(exchange, names, names.length);
  },
  // The number of services that were last shown tells whether their names may be kept, as in the real server.
  spans: ({ storage, shown }, exchange) =>
    sendNames(exchange, storage.spanNames(serviceNameOf(exchange)), shown.serviceCount),
  remoteServices: ({ storage, shown }, exchange) =>
    sendNames(exchange, storage.remoteServiceNames(serviceNameOf(exchange)), shown.serviceCount),
  traces: searchTraces,
  traceMany: getTraces,
  dependencies: getDependencies,
  stats: getStatistics,
  slowest: getSlowest,
  stream: streamTraces,
  autocompleteKeys: ({ settings }, { request, response }) =>
    sendJson(request, response, settings.autocompleteKeys.toSorted(), {
      cacheControl: CACHE_CONTROL,
    }),
  autocompleteValues: ({ storage }, exchange) => {
    const key = readRequired(exchange.query, "key");
    if (key === "") throw new ParameterError("key was empty");
    const values = storage.autocompleteValues(key);
    return sendNames(exchange, values, values.length);
  },
};

export async function getTrace(
  { storage }: ServerContext,
  { request, response }: Exchange,
  id: string,
): Promise<void> {
  const traceId = parseTraceId(trimLikeJava(id));
  const trace = storage.trace(storedId(traceId));
  if (trace === undefined) sendText(response, 404, `${traceId} not found`);
  else await sendJsonBytes(request, response, [trace]);
}

async function getTraces({ storage, settings }: ServerContext, exchange: Exchange): Promise<void> {
  const text = readRequired(exchange.query, "traceIds");
  if (text === "") throw new ParameterError("traceIds parameter is empty");
  const normalised = new Set<string>();
  for (const id of splitAtMost(text, ",", MAX_IDS)) {
    const traceId = parseTraceId(id);
    if (normalised.has(traceId)) throw new ParameterError(`redundant traceId: ${id}`);
    normalised.add(traceId);
  }
  if (normalised.size === 1) {
    throw new ParameterError("Use /api/v2/trace/{traceId} endpoint to retrieve a single trace");
  }
  const ids = [...normalised].map(storedId);
  const traces = settings.strictTraceId ? storage.traces(ids) : tracesByLowId(storage, ids);
  await sendTraces(exchange, traces);
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

/** Where only the right half of an id counts, one that is unknown is answered with no spans rather than left out. */
function tracesByLowId(storage: Storage, ids: readonly string[]): TraceJson[] {
  return Array.from(new Set(ids.map(lowTraceId)), (id) => storage.trace(id) ?? NO_SPANS);
}

/** 17 to 31 digits that are padded to a left half of zeros are looked up by their right half, though not stored so. */
function storedId(traceId: string): string {
  return normaliseTraceId(traceId);
}

function parseTraceId(text: string): string {
  try {
    return normaliseTraceId(text);
  } catch (error) {
    if (error instanceof DecodeError) throw new ParameterError(error.message);
    throw error;
  }
}

async function sendNames(
  { request, response }: Exchange,
  names: readonly string[],
  known: number,
): Promise<void> {
  await sendJson(request, response, names, {
    cacheControl: known > CACHED_FROM ? CACHE_CONTROL : undefined,
  });
}

async function sendTraces(
  { request, response }: Exchange,
  traces: readonly TraceJson[],
): Promise<void> {
  const pieces: Uint8Array[] = [OPEN];
  for (const [i, trace] of traces.entries()) {
    if (i > 0) pieces.push(COMMA);
    pieces.push(trace);
  }
  pieces.push(CLOSE);
  await sendJsonBytes(request, response, pieces);
}
