import type { RequestRefusal } from "../http/stream.ts";
import { appendLines, statusLine } from "./encode-head.ts";
import { reasonPhrase } from "./reason-phrases.ts";
import type { HeadRefusal } from "./request-head.ts";

const statuses: Readonly<Record<string, number>> = {
  "http1.invalid_transfer_encoding": 501,
  "http1.too_many_headers": 431,
  "http1.headers_too_large": 431,
  low_version: 426,
  request_header_timeout: 408,
};

const bodies: Readonly<Record<string, string>> = {
  // Envoy's connection manager answers this one, without a body; all others come from its codec.
  missing_host_header: "",
  request_header_timeout: "request header timeout",
};

/** Why the codec answers by itself. */
export type RefusalDetails = HeadRefusal["refused"] | "request_header_timeout";

export function refusalFor(details: RefusalDetails): RequestRefusal {
  const status = statuses[details] ?? 400;
  return { status, body: bodies[details] ?? reasonPhrase(status), details };
}

/** The bytes of that answer, in Envoy's order of headers. */
export function encodeRefusal(
  refusal: RequestRefusal,
  options: { readonly http10: boolean; readonly serverName: string; readonly proper: boolean },
): string {
  const date = new Date().toUTCString();
  const { body } = refusal;
  const always = ["date", date, "server", options.serverName, "connection", "close"];
  const lines =
    body === ""
      ? [...always, "content-length", "0"]
      : ["content-length", String(body.length), "content-type", "text/plain", ...always];
  const head = statusLine(String(refusal.status), options.http10);
  return `${appendLines(head, lines, options.proper)}\r\n${body}`;
}
