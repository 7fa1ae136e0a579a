import * as dns from "node:dns/promises";
import { type Lookup, nodeLookup } from "@tracemesh/telemetry";
import { Agent, type Dispatcher, fetch as undiciFetch } from "undici";

export interface Outgoing {
  readonly fetch: typeof fetch;
  close(): Promise<void>;
}

export interface OutgoingOptions {
  /** Resolves host names. Default: the system's resolver. */
  readonly lookup?: Lookup | undefined;
  /** Sends plain HTTP calls there in absolute form, as an explicit proxy wants them (no CONNECT). */
  readonly proxy?: string | undefined;
}

// The services' own limits are generous: the route's time-out in the sidecar is the one that should act.
const CONNECT_TIMEOUT_MS = 5000;
const HEADERS_TIMEOUT_MS = 60_000;

/** A fetch with a connection pool of its own. It knows nothing of traces. */
export function createOutgoing(options: OutgoingOptions = {}): Outgoing {
  const { lookup, proxy } = options;
  const agent = new Agent({
    connect: {
      timeout: CONNECT_TIMEOUT_MS,
      ...(lookup === undefined ? {} : { lookup: nodeLookup(lookup) }),
    },
    headersTimeout: HEADERS_TIMEOUT_MS,
    bodyTimeout: HEADERS_TIMEOUT_MS,
    // Below the proxies' idle limits, so that our side closes an idle connection first.
    keepAliveTimeout: 4000,
  });
  const dispatcher = proxy === undefined ? agent : agent.compose(absoluteForm(proxy));
  // undici's fetch is the one Node bundles; only the two sets of type declarations differ.
  const call = undiciFetch as unknown as (input: unknown, init: unknown) => Promise<Response>;
  return {
    fetch: (input, init) => call(input, { ...init, dispatcher }),
    close: () => agent.destroy(),
  };
}

/** `GET http://reviews:9080/x HTTP/1.1` to the proxy. RFC 9112, 3.2.2. */
function absoluteForm(proxy: string): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    const origin = new URL(String(options.origin));
    if (origin.protocol !== "http:") return dispatch(options, handler);
    const path = `${origin.origin}${options.path}`;
    const headers = withHost(options.headers, origin.host);
    const absolute = { ...options, origin: new URL(proxy).origin, path, headers };
    return dispatch(absolute as Dispatcher.DispatchOptions, handler);
  };
}

function withHost(
  headers: Dispatcher.DispatchOptions["headers"],
  host: string,
): Dispatcher.DispatchOptions["headers"] {
  if (headers === undefined || headers === null) return { host };
  if (Array.isArray(headers)) return ["host", host, ...headers];
  if (Symbol.iterator in headers) {
    const entries = [...headers].filter(([name]) => name.toLowerCase() !== "host");
    return Object.fromEntries([["host", host], ...entries]);
  }
  return { ...headers, host };
}

/** Known names from the map, all others from the system. */
export function lookupFrom(hosts: ReadonlyMap<string, string>): Lookup {
  return async (hostname) =>
    hosts.get(hostname.toLowerCase()) ?? (await dns.lookup(hostname)).address;
}
