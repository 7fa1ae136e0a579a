import {
  type Decoder,
  decodeWith,
  list,
  oneOf,
  optional,
  record,
  required,
  string,
  text,
} from "../decode/decoder.ts";
import { object } from "../decode/object.ts";
import { hostProblem, port, schemaError } from "../decode/scalars.ts";
import { type Resource, resource } from "./resource.ts";

export interface GatewayServer {
  readonly name?: string;
  readonly port: { readonly number: number; readonly name: string; readonly protocol: string };
  /** `host` or `namespace/host`; the namespace may be `*` or `.`. */
  readonly hosts: readonly string[];
}

export interface GatewaySpec {
  readonly selector?: Readonly<Record<string, string>>;
  readonly servers: readonly GatewayServer[];
}

export type Gateway = Resource<"Gateway", GatewaySpec>;

const refuse = { unknown: "refuse" } as const;

const gatewayHost: Decoder<string> = decodeWith(string, (value, cursor) => {
  const name = value.slice(value.indexOf("/") + 1);
  const reason = hostProblem(name, true);
  return reason === undefined
    ? value
    : schemaError(cursor, `host ${JSON.stringify(value)}: ${reason}`);
});

const protocol: Decoder<string> = decodeWith(
  oneOf("HTTP", "HTTP2", "GRPC", "GRPC-WEB", "HTTPS", "TLS", "TCP", "MONGO"),
  (value, cursor) =>
    ["HTTPS", "TLS", "TCP", "MONGO"].includes(value)
      ? schemaError(
          cursor,
          `not supported: ${value} servers, only HTTP, HTTP2, GRPC and GRPC-WEB are`,
        )
      : value,
);

const server = object<GatewayServer>(
  {
    name: optional(string),
    port: required(
      object<GatewayServer["port"]>(
        { number: required(port), name: required(string), protocol: required(protocol) },
        { ...refuse, unsupported: { targetPort: "the deprecated targetPort of a gateway server" } },
      ),
    ),
    hosts: required(list(gatewayHost)),
  },
  {
    ...refuse,
    unsupported: {
      tls: "TLS of a gateway server (tls)",
      bind: "binding a gateway server to an address (bind)",
      defaultEndpoint: "defaultEndpoint",
    },
  },
);

export const gateway: Decoder<Gateway> = resource(
  "Gateway",
  object<GatewaySpec>(
    { selector: optional(record(text)), servers: required(list(server)) },
    refuse,
  ),
);
