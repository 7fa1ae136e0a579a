import type { ConnectionPool, PoolOptions } from "../http/stream.ts";
import { Http1Pool } from "./http1-pool.ts";
import { Http2Pool } from "./http2-pool.ts";

/** The pool for one endpoint, in the protocol its cluster speaks. */
export function createConnectionPool(options: PoolOptions): ConnectionPool {
  return options.protocol === "HTTP/2" ? new Http2Pool(options) : new Http1Pool(options);
}
