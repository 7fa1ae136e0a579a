/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/bootstrap/v3/bootstrap.proto#config-bootstrap-v3-admin */

import type { AccessLog } from "./access-log.ts";
import { accessLog } from "./access-log.ts";
import type { Address } from "./address.ts";
import { address } from "./address.ts";
import type { Decoder } from "./decode/decoder.ts";
import { optional, repeated } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import type { StringMatcher } from "./string-matcher.ts";
import { stringMatcher } from "./string-matcher.ts";

export interface Admin {
  /** Absent: no admin interface. */
  readonly address?: Address;
  readonly accessLog: readonly AccessLog[];
  /** Empty: every path. */
  readonly allowPaths: readonly StringMatcher[];
}

export const admin: Decoder<Admin> = message<Admin>(
  "envoy.config.bootstrap.v3.Admin",
  {
    address: optional(address),
    accessLog: repeated(accessLog),
    allowPaths: repeated(stringMatcher),
  },
  {
    accepted: {
      profile_path: "there is no CPU profiler behind the admin interface",
      ignore_global_conn_limit: "there is no global limit of connections",
    },
    unsupported: {
      access_log_path: "the deprecated access_log_path (use access_log)",
      socket_options: "socket options",
    },
  },
);
