/** Operators on request and response headers. */
import type { HeaderMap } from "../http/header-map.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import { isGrpc } from "../tracing/grpc.ts";
import { FormatError, type Operator } from "./formatter.ts";
import { grpcStatusName, grpcStatusOf } from "./grpc-status.ts";
import type { OperatorDefinition } from "./operators.ts";
import { utf8Bytes } from "./utf8-bytes.ts";

type Source = (info: StreamInfo) => HeaderMap | undefined;

const request: Source = (info) => info.requestHeaders;
const response: Source = (info) => info.responseHeaders;
const trailers: Source = (info) => info.responseTrailers;

export const headerOperators: Readonly<Record<string, OperatorDefinition>> = {
  REQ: header(request),
  REQUEST_HEADER: header(request),
  RESP: header(response),
  RESPONSE_HEADER: header(response),
  TRAILER: header(trailers),
  RESPONSE_TRAILER: header(trailers),
  STREAM_INFO_REQ: header(request),
  REQUEST_HEADERS_BYTES: bytesOf(request),
  RESPONSE_HEADERS_BYTES: bytesOf(response),
  RESPONSE_TRAILERS_BYTES: bytesOf(trailers),
  GRPC_STATUS: {
    parameters: "optional",
    lengthAllowed: false,
    compile: grpcStatus,
  },
  GRPC_STATUS_NUMBER: {
    parameters: "none",
    lengthAllowed: false,
    compile: () => grpcStatus("NUMBER"),
  },
  PATH: { parameters: "optional", lengthAllowed: true, yieldsBytes: true, compile: pathOperator },
  QUERY_PARAM: {
    parameters: "required",
    lengthAllowed: true,
    yieldsBytes: true,
    compile: queryParameter,
  },
  QUERY_PARAMS: {
    parameters: "optional",
    lengthAllowed: true,
    yieldsBytes: true,
    compile: queryString,
  },
};

function header(source: Source): OperatorDefinition {
  return {
    parameters: "required",
    lengthAllowed: true,
    yieldsBytes: true,
    compile(text) {
      const [main = "", alternative, ...more] = text.split("?").map((name) => name.toLowerCase());
      if (more.length > 0)
        throw new FormatError(`More than 1 alternative header specified in token: ${text}`);
      if (!isHeaderName(main) || !isHeaderName(alternative ?? ""))
        throw new FormatError(
          "Invalid header configuration. Format string contains invalid characters.",
        );
      return (info) => {
        const headers = source(info);
        if (headers === undefined) return undefined;
        const value = headers.get(main);
        return value === undefined && alternative !== undefined ? headers.get(alternative) : value;
      };
    },
  };
}

/** RFC 9110 token, or a pseudo header; empty: a header that is never there. */
const headerName = /^(?::?[!#$%&'*+\-.^_`|~0-9a-z]+)?$/;

function isHeaderName(name: string): boolean {
  return headerName.test(name);
}

function bytesOf(source: Source): OperatorDefinition {
  return {
    parameters: "none",
    lengthAllowed: false,
    compile: () => (info) => {
      let bytes = 0;
      for (const part of source(info)?.lines ?? []) bytes += part.length;
      return bytes;
    },
  };
}

function grpcStatus(format: string): Operator {
  if (!["", "CAMEL_STRING", "SNAKE_STRING", "NUMBER"].includes(format))
    throw new FormatError(
      `GrpcStatusFormatter only supports CAMEL_STRING, SNAKE_STRING or NUMBER. Got: ${format}`,
    );
  return (info) => {
    if (!isGrpc(info.requestHeaders)) return undefined;
    const status = grpcStatusOf(info);
    if (status === undefined || format === "NUMBER") return status;
    return grpcStatusName(status, format === "SNAKE_STRING") ?? String(status);
  };
}

function pathOperator(text: string): Operator {
  const [query = "", from = ""] = text.split(":");
  if (!["", "WQ", "NQ"].includes(query))
    throw new FormatError(`Invalid PATH option: '${query}', only 'WQ'/'NQ' are allowed`);
  if (!["", "ORIG", "PATH", "ORIG_OR_PATH"].includes(from))
    throw new FormatError(
      `Invalid PATH option: '${from}', only 'ORIG'/'PATH'/'ORIG_OR_PATH' are allowed`,
    );
  return ({ requestHeaders }) => {
    // An empty original path counts for none.
    let path =
      from === "PATH" ? undefined : requestHeaders.get("x-envoy-original-path") || undefined;
    if (path === undefined && from !== "ORIG") path = requestHeaders.get(":path");
    if (path === undefined) return undefined;
    const end = query === "NQ" ? path.indexOf("?") : -1;
    return end < 0 ? path : path.slice(0, end);
  };
}

/** The first of that name. Names and values are decoded, but a plus sign is no space. */
function queryParameter(text: string): Operator {
  const wanted = utf8Bytes(text);
  return (info) => {
    for (const pair of rawQuery(info)?.split("&") ?? []) {
      const sign = pair.indexOf("=");
      const name = sign < 0 ? pair : pair.slice(0, sign);
      if (decodePercent(name) !== wanted) continue;
      return sign < 0 ? "" : decodePercent(pair.slice(sign + 1));
    }
    return undefined;
  };
}

function queryString(text: string): Operator {
  if (!["", "ORIG", "DECODED"].includes(text))
    throw new FormatError(
      `Invalid QUERY_PARAMS option: '${text}', only 'ORIG'/'DECODED' are allowed`,
    );
  return (info) => {
    const query = rawQuery(info);
    return query === undefined || text !== "DECODED" ? query : decodePlain(query);
  };
}

function rawQuery({ requestHeaders }: StreamInfo): string | undefined {
  const path = requestHeaders.get(":path");
  const start = path?.indexOf("?") ?? -1;
  return path === undefined || start < 0 ? undefined : path.slice(start + 1);
}

function decodePercent(text: string): string {
  if (!text.includes("%")) return text;
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, code: string) => byteOf(code));
}

/** What DECODED decodes: printable ASCII but `"<>\^{|}`. */
const plainByte = /^[!#-;=?-[\]_-z~]$/;

/** A percent sign before two characters that are no number is left out (measured, Envoy 1.40). */
function decodePlain(text: string): string {
  return text.replace(/%(?:([0-9a-fA-F]{2})|(?=..))/gs, (whole, code: string | undefined) => {
    if (code === undefined) return "";
    const byte = byteOf(code);
    return plainByte.test(byte) ? byte : whole;
  });
}

function byteOf(code: string): string {
  return String.fromCharCode(Number.parseInt(code, 16));
}
