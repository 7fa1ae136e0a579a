/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-directresponseaction */

import type { DataSource } from "./data-source.ts";
import { dataSource } from "./data-source.ts";
import type { Decoder } from "./decode/decoder.ts";
import { optional, required } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { uint32 } from "./decode/scalars.ts";

export interface DirectResponseAction {
  readonly status: number;
  readonly body?: DataSource;
}

export const directResponseAction: Decoder<DirectResponseAction> = message<DirectResponseAction>(
  "envoy.config.route.v3.DirectResponseAction",
  { status: required(uint32({ gte: 200, lt: 600 })), body: optional(dataSource) },
  { unsupported: { body_format: "format strings in direct responses" } },
);
