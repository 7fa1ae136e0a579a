import type { ConnectionPool, PoolOptions } from "../http/stream.ts";
import { PoolAccount } from "./pool-account.ts";
import { StreamPool } from "./stream-pool.ts";

/** The pool for one endpoint, in the protocol its cluster speaks. */
export function createConnectionPool(
  options: PoolOptions,
  account: PoolAccount = PoolAccount.standalone(options.host),
): ConnectionPool {
  return new StreamPool(options, account);
}
