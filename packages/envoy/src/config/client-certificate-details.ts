/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto#extensions-filters-network-http-connection-manager-v3-httpconnectionmanager-setcurrentclientcertdetails */
import type { Decoder } from "./decode/decoder.ts";
import { enumeration } from "./decode/enumeration.ts";
import { flag, optional } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { bool } from "./decode/scalars.ts";

export type ForwardClientCertDetails =
  | "SANITIZE"
  | "FORWARD_ONLY"
  | "APPEND_FORWARD"
  | "SANITIZE_SET"
  | "ALWAYS_FORWARD_ONLY";

/** What x-forwarded-client-cert says beside the certificate's hash. */
export interface ClientCertDetails {
  readonly subject?: boolean;
  readonly cert: boolean;
  readonly chain: boolean;
  readonly dns: boolean;
  readonly uri: boolean;
}

const manager = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

export const forwardClientCertDetails: Decoder<ForwardClientCertDetails> =
  enumeration<ForwardClientCertDetails>(`${manager}.ForwardClientCertDetails`, {
    SANITIZE: 0,
    FORWARD_ONLY: 1,
    APPEND_FORWARD: 2,
    SANITIZE_SET: 3,
    ALWAYS_FORWARD_ONLY: 4,
  });

export const clientCertDetails: Decoder<ClientCertDetails> = message<ClientCertDetails>(
  `${manager}.SetCurrentClientCertDetails`,
  { subject: optional(bool()), cert: flag(), chain: flag(), dns: flag(), uri: flag() },
);
