/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction-hashpolicy */
import type { Decoder } from "./decode/decoder.ts";
import { flag, optional, required } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { string } from "./decode/scalars.ts";

/** What a ring hash or maglev cluster hashes; one source is present. */
export interface HashPolicy {
  readonly header?: { readonly headerName: string };
  readonly cookie?: { readonly name: string; readonly path?: string };
  readonly connectionProperties?: { readonly sourceIp: boolean };
  readonly queryParameter?: { readonly name: string };
  readonly terminal: boolean;
}

const name = "envoy.config.route.v3.RouteAction.HashPolicy";

const header = message<NonNullable<HashPolicy["header"]>>(
  `${name}.Header`,
  { headerName: required(string({ minLen: 1, header: "name" })) },
  { unsupported: { regex_rewrite: "rewriting the hashed header" } },
);

const cookie = message<NonNullable<HashPolicy["cookie"]>>(
  `${name}.Cookie`,
  {
    name: required(string({ minLen: 1 })),
    path: optional(string()),
  },
  { unsupported: { ttl: "cookies of the proxy's own making", attributes: "cookie attributes" } },
);

export const hashPolicy: Decoder<HashPolicy> = message<HashPolicy>(
  name,
  {
    header: optional(header),
    cookie: optional(cookie),
    connectionProperties: optional(
      message<{ readonly sourceIp: boolean }>(`${name}.ConnectionProperties`, {
        sourceIp: flag(),
      }),
    ),
    queryParameter: optional(
      message<{ readonly name: string }>(`${name}.QueryParameter`, {
        name: required(string({ minLen: 1 })),
      }),
    ),
    terminal: flag(),
  },
  {
    oneofs: [
      {
        name: "policy_specifier",
        fields: ["header", "cookie", "connection_properties", "query_parameter"],
        required: true,
      },
    ],
    unsupported: { filter_state: "hashing filter state" },
  },
);
