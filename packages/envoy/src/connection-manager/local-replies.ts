/** Makes the proxy's own answers, with the response headers the route adds. */

import type { LocalReplyConfig, ResponseMapper } from "../config/local-reply.ts";
import type { SubstitutionFormatString } from "../config/substitution-format.ts";
import { utf8Bytes } from "../formatter/utf8-bytes.ts";
import type { HeaderMap } from "../http/header-map.ts";
import { inlineResponseHeaders } from "../http/inline-headers.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import { readDataSource } from "../routing/data-source.ts";
import { type CompileFormat, HeaderRules } from "../routing/header-rules.ts";
import type { ActiveStream } from "./active-stream.ts";
import {
  type BodyType,
  buildGrpcReply,
  buildHttpReply,
  type LocalReply,
  type LocalReplyParts,
  newReplyHeaders,
  plainText,
} from "./local-reply.ts";

export interface LocalReplyDependencies {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly compileFormat: CompileFormat;
  /** A test of an access log's filter; mappers use the same kind. */
  readonly compileFilter: (filter: ResponseMapper["filter"]) => (info: StreamInfo) => boolean;
  readonly compileBody: (format: SubstitutionFormatString) => (info: StreamInfo) => string;
}

interface Mapper {
  readonly matches: (info: StreamInfo) => boolean;
  readonly status: number | undefined;
  readonly body: Buffer | undefined;
  readonly format: BodyFormat | undefined;
  readonly headers: HeaderRules;
}

interface BodyFormat {
  /** Bytes, one a character. */
  readonly format: (info: StreamInfo) => string;
  readonly contentType: string;
}

export class LocalReplies {
  readonly #mappers: readonly Mapper[];
  readonly #format: BodyFormat | undefined;

  constructor(config: LocalReplyConfig | undefined, dependencies: LocalReplyDependencies) {
    const compile = (format: SubstitutionFormatString | undefined): BodyFormat | undefined =>
      format === undefined
        ? undefined
        : {
            format: dependencies.compileBody(format),
            contentType:
              format.contentType ??
              (format.jsonFormat === undefined ? "text/plain" : "application/json"),
          };
    this.#format = compile(config?.bodyFormat);
    this.#mappers = (config?.mappers ?? []).map((mapper) => ({
      matches: dependencies.compileFilter(mapper.filter),
      status: mapper.statusCode,
      body: mapper.body === undefined ? undefined : readDataSource(mapper.body, dependencies.env),
      format: compile(mapper.bodyFormatOverride),
      headers: new HeaderRules(
        mapper.headersToAdd,
        [],
        inlineResponseHeaders,
        dependencies.compileFormat,
      ),
    }));
  }

  build(
    stream: Pick<ActiveStream, "info" | "route">,
    reply: LocalReply,
    isGrpc: boolean,
    isHead: boolean,
  ): LocalReplyParts {
    const { info, route } = stream;
    const headers = newReplyHeaders(reply.status);
    info.responseHeaders = headers;
    // Envoy knows no response code yet while the route's headers are made: %RESPONSE_CODE% says 0.
    const entry = route.kind === "route" ? route.entry : undefined;
    const forwards = entry?.action.kind === "forward";
    if (forwards) entry.changeResponseHeaders(headers, info);
    reply.changeHeaders?.(headers);
    // A redirect's location comes before what its route adds.
    if (!forwards && reply.ofRoute === true) entry?.changeResponseHeaders(headers, info);
    info.responseCode = reply.status;
    const { status, body, ...type } = this.#rewrite(info, headers, reply, isGrpc);
    if (isGrpc) {
      const { grpcStatus } = reply;
      return buildGrpcReply(
        headers,
        { status, body, ...(grpcStatus === undefined ? {} : { grpcStatus }) },
        isHead,
      );
    }
    headers.set(":status", String(status));
    return buildHttpReply(headers, body, type, isHead);
  }

  /** local_reply_config: the first mapper that matches, then the format. */
  #rewrite(
    info: StreamInfo,
    headers: HeaderMap,
    reply: LocalReply,
    isGrpc: boolean,
  ): { readonly status: number; readonly body: string | Buffer } & BodyType {
    let { status, body } = reply;
    if (this.#mappers.length === 0 && this.#format === undefined)
      return { status, body, ...plainText };
    const mapper = this.#mappers.find(({ matches }) => matches(info));
    const typeBefore = headers.get("content-type") ?? "";
    if (mapper !== undefined) {
      status = mapper.status ?? status;
      body = mapper.body ?? body;
      mapper.headers.apply(headers, info);
      info.responseCode = status;
    }
    // Only the format gets to see it: logs and spans do not.
    info.localReplyBody = bodyBytes(body);
    const format = mapper?.format ?? this.#format;
    if (format !== undefined) {
      const line = format.format(info);
      // JSON ends with a line feed, which is no part of a message.
      const isJson = format.contentType === "application/json";
      body = Buffer.from(isGrpc && isJson ? line.replace(/\n$/, "") : line, "latin1");
    }
    info.localReplyBody = "";
    // A new body has its own type, unless the mapper set one.
    const isTyped = (headers.get("content-type") ?? "") !== typeBefore;
    const replaces = !isTyped && bodyBytes(body) !== bodyBytes(reply.body);
    return { status, body, contentType: format?.contentType ?? "text/plain", replaces };
  }
}

/** One character a byte. */
function bodyBytes(body: string | Buffer): string {
  return typeof body === "string" ? utf8Bytes(body) : body.toString("latin1");
}
