/** Where a report goes. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/http_service.proto and grpc_service.proto beside it */
import type { Decoder } from "./decode/decoder.ts";
import { duration } from "./decode/duration.ts";
import { optional, repeated, required } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { string } from "./decode/scalars.ts";
import type { HeaderValueOption } from "./header-value-option.ts";
import { headerValue, headerValueOption } from "./header-value-option.ts";

export interface HttpUri {
  readonly uri: string;
  readonly cluster: string;
  readonly timeoutMs: number;
}

export interface HttpService {
  readonly httpUri?: HttpUri;
  readonly requestHeadersToAdd: readonly HeaderValueOption[];
}

export interface GrpcService {
  readonly envoyGrpc: { readonly clusterName: string; readonly authority?: string };
  /** Absent or 0: none. */
  readonly timeoutMs?: number;
  readonly initialMetadata: readonly { readonly key: string; readonly value: string }[];
}

export const httpUri: Decoder<HttpUri> = message<HttpUri>("envoy.config.core.v3.HttpUri", {
  uri: required(string({ minLen: 1 })),
  cluster: required(string({ minLen: 1 })),
  timeoutMs: required(duration({ gte: 0 })),
});

export const httpService: Decoder<HttpService> = message<HttpService>(
  "envoy.config.core.v3.HttpService",
  {
    httpUri: optional(httpUri),
    requestHeadersToAdd: repeated(headerValueOption, { maxItems: 1000 }),
  },
);

const name = "envoy.config.core.v3.GrpcService";

const envoyGrpc = message<GrpcService["envoyGrpc"]>(
  `${name}.EnvoyGrpc`,
  {
    clusterName: required(string({ minLen: 1 })),
    authority: optional(string({ maxBytes: 16384, header: "value" })),
  },
  {
    accepted: { max_receive_message_length: "answers to reports are a few bytes" },
    unsupported: {
      retry_policy: "retries of gRPC services",
      skip_envoy_headers: "leaving out Envoy's headers",
    },
  },
);

export const grpcService: Decoder<GrpcService> = message<GrpcService>(
  name,
  {
    envoyGrpc: required(envoyGrpc),
    timeoutMs: optional(duration()),
    initialMetadata: repeated(headerValue),
  },
  {
    unsupported: {
      google_grpc: "Google's gRPC client",
      retry_policy: "retries of gRPC services",
    },
  },
);
