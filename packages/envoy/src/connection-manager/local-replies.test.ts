/** local_reply_config; every expectation is what Envoy 1.40 answered. */
import { describe, expect, test } from "vitest";
import { compileLineFormat } from "../access-log/line-format.ts";
import type { AccessLogFilter } from "../config/access-log-filter.ts";
import type { ResponseMapper } from "../config/local-reply.ts";
import type { SubstitutionFormatString } from "../config/substitution-format.ts";
import { compileFormat } from "../formatter/compile-format.ts";
import { HeaderMap } from "../http/header-map.ts";
import { LocalReplies } from "./local-replies.ts";
import { RequestInfo } from "./request-info.ts";

const connection = {
  id: 1,
  remoteAddress: "127.0.0.1",
  remotePort: 5,
  localAddress: "127.0.0.1",
  localPort: 80,
};

const reply = { status: 503, body: "no healthy upstream", details: "no_healthy_upstream" };
const always: AccessLogFilter = { notHealthCheckFilter: {} };
const mapper = (fields: Partial<ResponseMapper>): ResponseMapper => ({
  filter: always,
  headersToAdd: [],
  ...fields,
});
const textFormat = (text: string, contentType?: string): SubstitutionFormatString => ({
  textFormat: text,
  omitEmptyValues: false,
  ...(contentType !== undefined && { contentType }),
});
const jsonFormat = { jsonFormat: { code: "%RESPONSE_CODE%" }, omitEmptyValues: false };
const setType = {
  header: { key: "content-type", value: "x/y" },
  appendAction: "OVERWRITE_IF_EXISTS_OR_ADD",
  keepEmptyValue: false,
} as const;

interface Asked {
  readonly mappers?: readonly ResponseMapper[];
  readonly bodyFormat?: SubstitutionFormatString;
  readonly isGrpc?: boolean;
  readonly isHead?: boolean;
}

function answer({ mappers = [], bodyFormat, isGrpc = false, isHead = false }: Asked) {
  const replies = new LocalReplies(
    { mappers, ...(bodyFormat !== undefined && { bodyFormat }) },
    {
      env: {},
      compileFormat: (text) => compileFormat(text).format,
      compileFilter: () => () => true,
      compileBody: (format) => compileLineFormat(format, {}),
    },
  );
  const info = new RequestInfo(connection, "HTTP/1.1", new HeaderMap([":path", "/x"]), 1);
  const route = { kind: "none" } as const;
  const { headers, body } = replies.build({ info, route } as never, reply, isGrpc, isHead);
  return { headers: Object.fromEntries(headers), body: body?.toString(), code: info.responseCode };
}

describe("over HTTP", () => {
  test("says what it is, without a configuration", () => {
    expect(answer({})).toEqual({
      headers: { ":status": "503", "content-length": "19", "content-type": "text/plain" },
      body: "no healthy upstream",
      code: 503,
    });
  });

  test("a mapper gives status, body and headers; its headers know the old status", () => {
    const told = {
      header: { key: "x-code", value: "%RESPONSE_CODE%" },
      appendAction: "APPEND_IF_EXISTS_OR_ADD",
      keepEmptyValue: false,
    } as const;
    const mappers = [
      mapper({ statusCode: 418, body: { inlineString: "short" }, headersToAdd: [told] }),
    ];
    expect(answer({ mappers })).toEqual({
      headers: {
        ":status": "418",
        "x-code": "503",
        "content-length": "5",
        "content-type": "text/plain",
      },
      body: "short",
      code: 418,
    });
  });

  test("a format sees the body it is given, and its bytes stay", () => {
    const bodyFormat = textFormat("é %LOCAL_REPLY_BODY% %RESPONSE_CODE%", "text/x");
    const { headers, body } = answer({ bodyFormat });
    expect(body).toBe("é no healthy upstream 503");
    expect(headers).toMatchObject({ "content-length": "26", "content-type": "text/x" });
  });

  test("JSON is a line", () => {
    const { headers, body } = answer({ bodyFormat: jsonFormat });
    expect(body).toBe('{"code":503}\n');
    expect(headers).toMatchObject({ "content-type": "application/json" });
  });

  test("a mapper's content type is kept, whatever the format's", () => {
    const mappers = [
      mapper({ headersToAdd: [setType], bodyFormatOverride: textFormat("z", "c/t") }),
    ];
    expect(answer({ mappers }).headers).toMatchObject({ "content-type": "x/y" });
  });

  test("an empty body has neither length nor type", () => {
    const mappers = [mapper({ body: { inlineString: "" } })];
    expect(answer({ mappers })).toEqual({
      headers: { ":status": "503" },
      body: undefined,
      code: 503,
    });
  });

  test("HEAD gets the headers alone", () => {
    expect(answer({ isHead: true })).toMatchObject({
      headers: { "content-length": "19" },
      body: undefined,
    });
  });
});

describe("over gRPC", () => {
  test("is an empty 200 with a message, encoded, without JSON's line feed", () => {
    expect(answer({ isGrpc: true, bodyFormat: jsonFormat })).toEqual({
      headers: {
        ":status": "200",
        "content-type": "application/grpc",
        "grpc-status": "14",
        "grpc-message": '{"code":503}',
      },
      body: undefined,
      code: 503,
    });
  });

  test("the line feed of other types is a part of the message", () => {
    const { headers } = answer({
      isGrpc: true,
      bodyFormat: textFormat("100% ~\n".replace("%", "%%")),
    });
    expect(headers["grpc-message"]).toBe("100%25 %7E%0A");
  });

  test("a status that is there already stays", () => {
    const status = {
      header: { key: "grpc-status", value: "7" },
      appendAction: "APPEND_IF_EXISTS_OR_ADD",
      keepEmptyValue: false,
    } as const;
    const mappers = [mapper({ headersToAdd: [status] })];
    expect(answer({ isGrpc: true, mappers }).headers["grpc-status"]).toBe("7");
  });
});
