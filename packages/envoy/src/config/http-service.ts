/** Where a report goes. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/http_service.proto and grpc_service.proto beside it */
import type { HeaderValueOption } from "./header-value-option.ts";

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
