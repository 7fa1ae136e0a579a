/** Operators on request and response headers. */
import type { HeaderMap } from "../http/header-map.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import { isGrpc } from "../tracing/grpc.ts";
import { FormatError, type Operator } from "./formatter.ts";
import { grpcStatusName, grpcStatusOf } from "./grpc-status.ts";
import type { OperatorDefinition, OperatorParameters } from "./operators.ts";

type Source = (info: StreamInfo) => HeaderMap | undefined;

const request: Source = (info) => info.requestHeaders;
const response: Source = (info) => info.responseHeaders;
const trailers: Source = (info) => info.responseTrailers;

export const headerOperators: Readonly<Record<string, OperatorDefinition>> = {
  REQ: header(request),
  RESP: header(response),
  TRAILER: header(trailers),
  STREAM_INFO_REQ: header(request),
  REQUEST_HEADERS_BYTES: bytesOf(request),
  RESPONSE_HEADERS_BYTES: bytesOf(response),
  RESPONSE_TRAILERS_BYTES: bytesOf(trailers),
  GRPC_STATUS: {
    parameters: "optional",
    lengthAllowed: false,
    compile: ({ text }) => grpcStatus(text),
  },
  GRPC_STATUS_NUMBER: {
    parameters: "none",
    lengthAllowed: false,
    compile: () => grpcStatus("NUMBER"),
  },
  PATH: { parameters: "optional", lengthAllowed: true, compile: pathOperator },
  QUERY_PARAM: { parameters: "required", lengthAllowed: true, compile: queryParameter },
  QUERY_PARAMS: { parameters: "optional", lengthAllowed: true, compile: queryString },
};

function header(source: Source): OperatorDefinition {
  return {
    parameters: "required",
    lengthAllowed: true,
    compile({ text, maxLength, readHeader }) {
      const [main = "", alternative, ...more] = text.split("?").map((name) => name.toLowerCase());
      if (more.length > 0)
        throw new FormatError(`More than 1 alternative header specified in token: ${text}`);
      if (
        !isHeaderName(main) ||
        (alternative !== undefined && alternative !== "" && !isHeaderName(alternative))
      )
        throw new FormatError(
          "Invalid header configuration. Format string contains invalid characters.",
        );
      return (info) => {
        const headers = source(info);
        if (headers === undefined) return undefined;
        let value = headers.get(main);
        if (value === undefined && alternative !== undefined) value = headers.get(alternative);
        return value === undefined ? undefined : readHeader(cut(value, maxLength));
      };
    },
  };
}

/** RFC 9110 token, or a pseudo header. */
const headerName = /^:?[!#$%&'*+\-.^_`|~0-9a-z]+$/;

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

function pathOperator({ text, maxLength, readHeader }: OperatorParameters): Operator {
  const [query = "", from = ""] = text.split(":");
  if (!["", "WQ", "NQ"].includes(query))
    throw new FormatError(`Invalid PATH option: '${query}', only 'WQ'/'NQ' are allowed`);
  if (!["", "ORIG", "PATH", "ORIG_OR_PATH"].includes(from))
    throw new FormatError(
      `Invalid PATH option: '${from}', only 'ORIG'/'PATH'/'ORIG_OR_PATH' are allowed`,
    );
  return ({ requestHeaders }) => {
    let path = from === "PATH" ? undefined : requestHeaders.get("x-envoy-original-path");
    if (path === undefined && from !== "ORIG") path = requestHeaders.get(":path");
    if (path === undefined) return undefined;
    const end = query === "NQ" ? path.indexOf("?") : -1;
    return readHeader(cut(end < 0 ? path : path.slice(0, end), maxLength));
  };
}

function queryParameter({ text, maxLength }: OperatorParameters): Operator {
  return (info) => {
    const query = rawQuery(info);
    const value = query === undefined ? null : new URLSearchParams(query).get(text);
    return value === null ? undefined : cut(value, maxLength);
  };
}

function queryString({ text, maxLength, readHeader }: OperatorParameters): Operator {
  if (!["", "ORIG", "DECODED"].includes(text))
    throw new FormatError(
      `Invalid QUERY_PARAMS option: '${text}', only 'ORIG'/'DECODED' are allowed`,
    );
  return (info) => {
    const query = rawQuery(info);
    if (query === undefined) return undefined;
    return readHeader(cut(text === "DECODED" ? decodePercent(query) : query, maxLength));
  };
}

function rawQuery({ requestHeaders }: StreamInfo): string | undefined {
  const path = requestHeaders.get(":path");
  const start = path?.indexOf("?") ?? -1;
  return path === undefined || start < 0 ? undefined : path.slice(start + 1);
}

function decodePercent(text: string): string {
  return text.replace(/%[0-9a-fA-F]{2}/g, (code) =>
    String.fromCharCode(Number.parseInt(code.slice(1), 16)),
  );
}

function cut(value: string, maxLength: number | undefined): string {
  return maxLength === undefined ? value : value.slice(0, maxLength);
}
