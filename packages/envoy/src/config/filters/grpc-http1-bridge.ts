/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/grpc_http1_bridge/v3/config.proto */
import { flag } from "../decode/field.ts";
import { extension, type MessageDecoder } from "../decode/message.ts";

export interface GrpcHttp1Bridge {
  readonly type: "GrpcHttp1Bridge";
  /** Messages that come bare (application/x-protobuf) are framed. */
  readonly upgradeProtobufToGrpc: boolean;
  readonly ignoreQueryParameters: boolean;
}

export const grpcHttp1Bridge: MessageDecoder<GrpcHttp1Bridge> = extension<GrpcHttp1Bridge>(
  "envoy.extensions.filters.http.grpc_http1_bridge.v3.Config",
  "GrpcHttp1Bridge",
  { upgradeProtobufToGrpc: flag(), ignoreQueryParameters: flag() },
);
