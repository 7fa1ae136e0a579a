import { HeaderMap } from "../http/header-map.ts";
import type { RefusalAnswer, RequestRefusal } from "../http/stream.ts";
import type { ResponseFlag } from "../http/stream-info.ts";
import { appendLines, statusLine } from "./encode-head.ts";
import { reasonPhrase } from "./reason-phrases.ts";
import type { HeadRefusal } from "./request-head.ts";

const statuses: Readonly<Record<string, number>> = {
  "http1.invalid_transfer_encoding": 501,
  "http1.too_many_headers": 431,
  "http1.headers_too_large": 431,
  "http1.https_url_on_plaintext_connection": 403,
  low_version: 426,
  request_header_timeout: 408,
  request_overall_timeout: 408,
  stream_idle_timeout: 408,
};

const bodies: Readonly<Record<string, string>> = {
  // Envoy's connection manager answers this one, without a body; all others come from its codec.
  missing_host_header: "",
  request_header_timeout: "request header timeout",
  request_overall_timeout: "request timeout",
  stream_idle_timeout: "stream timeout",
};

/** What is late has broken no rule, and the request without a host is one. */
const flags: Readonly<Record<string, ResponseFlag | undefined>> = {
  missing_host_header: undefined,
  request_header_timeout: undefined,
  request_overall_timeout: undefined,
  stream_idle_timeout: "SI",
};

/** Which limit a head that does not come has run into. */
export type HeadTimeout =
  | "request_header_timeout"
  | "request_overall_timeout"
  | "stream_idle_timeout";

/** Why the codec answers by itself. */
export type RefusalDetails = HeadRefusal["refused"] | HeadTimeout;

export function refusalFor(details: RefusalDetails): RequestRefusal {
  const status = statuses[details] ?? 400;
  const flag = details in flags ? flags[details] : "DPE";
  return { status, body: bodies[details] ?? reasonPhrase(status), details, flag };
}

/** The same with what is known of the request; `lines`: its headers, as far as it came to some. */
export function refusalOf(
  details: RefusalDetails,
  http10: boolean,
  lines: string[] | undefined,
): RequestRefusal {
  const refusal = refusalFor(details);
  if (lines === undefined) return refusal;
  const protocol = http10 ? "HTTP/1.0" : "HTTP/1.1";
  return { ...refusal, headers: new HeaderMap(lines), protocol };
}

/** The client is gone in the middle of a head: nobody gets an answer. */
export const goneWithinHead: RequestRefusal = {
  status: 0,
  body: "",
  details: "downstream_remote_disconnect",
  flag: "DC",
};

/** The answer of a codec whose owner has no words of its own. */
export function plainAnswer({ status, body }: RequestRefusal, serverName: string): RefusalAnswer {
  const framing =
    body === "" ? [] : ["content-length", String(body.length), "content-type", "text/plain"];
  const always = ["date", new Date().toUTCString(), "server", serverName];
  return {
    headers: new HeaderMap([":status", String(status), ...framing, ...always]),
    body: body === "" ? undefined : Buffer.from(body),
  };
}

/** The bytes of that answer, in Envoy's order of headers. */
export function encodeRefusal(
  { headers, body }: RefusalAnswer,
  options: { readonly http10: boolean; readonly proper: boolean },
): string {
  const end = ["connection", "close", ...(body === undefined ? ["content-length", "0"] : [])];
  const head = statusLine(headers.get(":status") ?? "400", options.http10);
  const lines = [...headers.lines, ...end];
  return `${appendLines(head, lines, options.proper)}\r\n${body?.toString("latin1") ?? ""}`;
}
