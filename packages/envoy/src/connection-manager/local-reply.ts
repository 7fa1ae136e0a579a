/** Answers of the proxy's own. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/local_reply */
import { encodeGrpcMessage, httpToGrpcStatus } from "../http/grpc.ts";
import { HeaderMap } from "../http/header-map.ts";

export interface LocalReply {
  readonly status: number;
  readonly body: string | Buffer;
  /** %RESPONSE_CODE_DETAILS%. */
  readonly details: string;
  /** Where the status does not say it. */
  readonly grpcStatus?: number;
  /** The connection ends with it (HTTP/1): what follows of the request cannot be used. */
  readonly closes?: boolean;
  /** It is what the route has to say: a redirect or a direct response. */
  readonly ofRoute?: boolean;
  /** Adds headers before the body's own ones. */
  readonly changeHeaders?: (headers: HeaderMap) => void;
}

export interface LocalReplyParts {
  readonly headers: HeaderMap;
  /** Undefined: the headers end the response. */
  readonly body: Buffer | undefined;
}

/** `replaces`: whatever content type is there already. */
export interface BodyType {
  readonly contentType: string;
  readonly replaces: boolean;
}

export const plainText: BodyType = { contentType: "text/plain", replaces: false };

/** The reply as headers and body; `headers` holds what was added so far, beginning with `:status`. */
export function buildHttpReply(
  headers: HeaderMap,
  body: string | Buffer,
  { contentType, replaces }: BodyType,
  isHead: boolean,
): LocalReplyParts {
  if (body.length === 0) {
    headers.remove("content-length");
    headers.remove("content-type");
    return { headers, body: undefined };
  }
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  headers.set("content-length", String(bytes.length));
  if (replaces || !headers.has("content-type")) headers.set("content-type", contentType);
  return { headers, body: isHead ? undefined : bytes };
}

/** gRPC clients look at grpc-status, so the reply is a 200 that holds nothing else. */
export function buildGrpcReply(
  headers: HeaderMap,
  reply: { readonly status: number; readonly body: string | Buffer; readonly grpcStatus?: number },
  isHead: boolean,
): LocalReplyParts {
  headers.set(":status", "200");
  headers.set("content-type", "application/grpc");
  // What a route's rules say comes first.
  if ((headers.get("grpc-status") ?? "") === "")
    headers.set("grpc-status", String(reply.grpcStatus ?? httpToGrpcStatus(reply.status)));
  if (reply.body.length > 0 && !isHead) headers.set("grpc-message", encodeGrpcMessage(reply.body));
  headers.remove("content-length");
  return { headers, body: undefined };
}

export function newReplyHeaders(status: number): HeaderMap {
  return new HeaderMap([":status", String(status)]);
}
