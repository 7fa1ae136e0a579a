import { report } from "../decode/cursor.ts";
import {
  boolean,
  type Decoder,
  decodeWith,
  integer,
  oneOf,
  optional,
  required,
  string,
  text,
} from "../decode/decoder.ts";
import { object } from "../decode/object.ts";
import { duration, percentValue, port, regex, schemaError } from "../decode/scalars.ts";
import { type Destination, destination } from "./http-destination.ts";

export interface Percentage {
  readonly value?: number;
}

export interface Redirect {
  readonly uri?: string;
  readonly authority?: string;
  readonly scheme?: string;
  readonly port?: number;
  readonly derivePort?: "FROM_PROTOCOL_DEFAULT" | "FROM_REQUEST_PORT";
  readonly redirectCode?: number;
}

export interface DirectResponse {
  readonly status: number;
  readonly body?: { readonly string?: string };
}

export interface Rewrite {
  readonly uri?: string;
  readonly authority?: string;
  readonly uriRegexRewrite?: { readonly match: string; readonly rewrite: string };
}

export interface Retries {
  readonly attempts?: number;
  readonly perTryTimeout?: number;
  readonly retryOn?: string;
  readonly backoff?: number;
  readonly retryIgnorePreviousHosts?: boolean;
}

export interface Fault {
  readonly delay?: { readonly percentage?: Percentage; readonly fixedDelay: number };
  readonly abort?: { readonly percentage?: Percentage; readonly httpStatus: number };
}

export interface Mirror {
  readonly destination: Destination;
  readonly percentage?: Percentage;
}

const refuse = { unknown: "refuse" } as const;

export const percentage: Decoder<Percentage> = object<Percentage>(
  { value: optional(percentValue) },
  refuse,
);

// RFC 9110's redirects, as far as Envoy can answer with them.
const redirectCodes = [301, 302, 303, 307, 308];

export const redirect: Decoder<Redirect> = decodeWith(
  object<Redirect>(
    {
      uri: optional(string),
      authority: optional(string),
      scheme: optional(oneOf("http", "https")),
      port: optional(port),
      derivePort: optional(oneOf("FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT")),
      redirectCode: optional(
        decodeWith(integer, (code, cursor) =>
          redirectCodes.includes(code)
            ? code
            : schemaError(
                cursor,
                `redirect code ${code} is not one of ${redirectCodes.join(", ")}`,
              ),
        ),
      ),
    },
    refuse,
  ),
  (value, cursor) =>
    value.port !== undefined && value.derivePort !== undefined
      ? report(cursor, "port and derivePort in one redirect, only one is allowed")
      : value,
);

function status(what: string): Decoder<number> {
  return decodeWith(integer, (code, cursor) =>
    code >= 200 && code <= 599 ? code : schemaError(cursor, `${what} ${code} is not in 200-599`),
  );
}

export const directResponse: Decoder<DirectResponse> = object<DirectResponse>(
  {
    status: required(status("status")),
    body: optional(
      object<{ string?: string }>(
        { string: optional(text) },
        { ...refuse, unsupported: { bytes: "a body of bytes, use string" } },
      ),
    ),
  },
  refuse,
);

export const rewrite: Decoder<Rewrite> = decodeWith(
  object<Rewrite>(
    {
      uri: optional(string),
      authority: optional(string),
      uriRegexRewrite: optional(
        object<{ match: string; rewrite: string }>(
          { match: required(regex), rewrite: required(string) },
          refuse,
        ),
      ),
    },
    refuse,
  ),
  (value, cursor) => {
    if (value.uri !== undefined && value.uriRegexRewrite !== undefined) {
      return schemaError(cursor, "uri and uriRegexRewrite in one rewrite, only one is allowed");
    }
    const { uri, authority, uriRegexRewrite } = value;
    return (uri ?? authority ?? uriRegexRewrite) ? value : schemaError(cursor, "rewrites nothing");
  },
);

const retryConditions = [
  ...["5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "retriable-4xx"],
  ...["refused-stream", "retriable-status-codes", "retriable-headers", "envoy-ratelimited"],
  ...["http3-post-connect-failure", "cancelled", "deadline-exceeded", "internal"],
  ...["resource-exhausted", "unavailable"],
];

const retryOn: Decoder<string> = decodeWith(text, (value, cursor) => {
  for (const part of value.split(",").map((item) => item.trim())) {
    const isStatus = /^\d+$/.test(part) && Number(part) >= 100 && Number(part) <= 599;
    if (isStatus || retryConditions.includes(part)) continue;
    const allowed = `a status code or one of ${retryConditions.join(", ")}`;
    return schemaError(cursor, `${JSON.stringify(part)} is not ${allowed}`);
  }
  return value;
});

export const retries: Decoder<Retries> = decodeWith(
  object<Retries>(
    {
      attempts: optional(
        decodeWith(integer, (value, cursor) =>
          value >= 0 ? value : schemaError(cursor, `attempts ${value} is negative`),
        ),
      ),
      perTryTimeout: optional(duration({ zero: true })),
      retryOn: optional(retryOn),
      backoff: optional(duration({ zero: false })),
      retryIgnorePreviousHosts: optional(boolean),
    },
    {
      ...refuse,
      unsupported: { retryRemoteLocalities: "retries in other localities (retryRemoteLocalities)" },
    },
  ),
  (value, cursor) =>
    value.attempts === 0 && (value.retryOn ?? value.perTryTimeout) !== undefined
      ? schemaError(cursor, "attempts is 0, so retryOn and perTryTimeout have no effect")
      : value,
);

type Delay = NonNullable<Fault["delay"]>;
type Abort = NonNullable<Fault["abort"]>;

export const fault: Decoder<Fault> = decodeWith(
  object<Fault>(
    {
      delay: optional(
        object<Delay>(
          { percentage: optional(percentage), fixedDelay: required(duration({ zero: false })) },
          {
            ...refuse,
            unsupported: {
              exponentialDelay: "exponentialDelay",
              percent: "the deprecated percent, use percentage",
            },
          },
        ),
      ),
      abort: optional(
        object<Abort>(
          { percentage: optional(percentage), httpStatus: required(status("abort status")) },
          {
            ...refuse,
            unsupported: { grpcStatus: "aborts with a gRPC status", http2Error: "http2Error" },
          },
        ),
      ),
    },
    refuse,
  ),
  (value, cursor) =>
    (value.delay ?? value.abort)
      ? value
      : schemaError(cursor, "a fault needs a delay, an abort, or both"),
);

export const mirror: Decoder<Mirror> = object<Mirror>(
  { destination: required(destination), percentage: optional(percentage) },
  refuse,
);
