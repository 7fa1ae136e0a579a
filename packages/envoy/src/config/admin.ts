/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/bootstrap/v3/bootstrap.proto#config-bootstrap-v3-admin */
import type { AccessLog } from "./access-log.ts";
import type { Address } from "./address.ts";
import type { StringMatcher } from "./string-matcher.ts";

export interface Admin {
  /** Absent: no admin interface. */
  readonly address?: Address;
  readonly accessLog: readonly AccessLog[];
  /** Deprecated; a file path. */
  readonly accessLogPath?: string;
  /** Empty: every path. */
  readonly allowPaths: readonly StringMatcher[];
}
