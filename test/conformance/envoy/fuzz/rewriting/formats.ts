/** Random format strings. What time or chance makes of a value stands between marks, so that it can be masked (mask.ts). */
import fc from "fast-check";
import { markChanging } from "./mask.ts";

/** Names that rules write, requests carry and formats read. */
export const requestNames = [
  "x-a", "x-b", "x-c", "user-agent", "accept", "cookie", "x-request-id", "x-forwarded-host", "x-envoy-original-path", "content-type", "authorization",
] as const; // biome-ignore format: a table
export const responseNames = [
  "x-r1", "x-r2", "x-a", "content-type", "server", "set-cookie", "vary", "location", "etag", "x-envoy-attempt-count", "grpc-status",
] as const; // biome-ignore format: a table
export const trailerNames = ["x-t1", "grpc-status", "grpc-message"] as const;

const pseudoRequest = [":method", ":path", ":authority", ":scheme"] as const;

const upperOrLower = (name: string) =>
  fc.constantFrom(
    name,
    name.toUpperCase(),
    name.replace(/\b[a-z]/g, (c) => c.toUpperCase()),
  );

const anyName = (names: readonly string[]) => fc.constantFrom(...names).chain(upperOrLower);

const length = fc.option(fc.constantFrom("0", "1", "3", "8", "300", "007"), {
  nil: undefined,
  freq: 3,
});

const lengthened = (command: fc.Arbitrary<string>) =>
  fc
    .tuple(command, length)
    .map(([text, max]) => (max === undefined ? `%${text}%` : `%${text}:${max}%`));

function header(operator: string, names: readonly string[]): fc.Arbitrary<string> {
  return lengthened(
    fc
      .tuple(anyName(names), fc.option(fc.oneof(anyName(names), fc.constant("")), { freq: 3 }))
      .map(([main, other]) => `${operator}(${main}${other === null ? "" : `?${other}`})`),
  );
}

const metadataKeys = fc.constantFrom(
  "ns", "ns:text", "ns:number", "ns:deep", "ns:deep:list", "ns:sorted", "ns:sorted:b", "ns:sorted:b:c", "ns:none", "none", "none:text", "ns:text:more", "other:text", "",
); // biome-ignore format: a table

const metadataKinds = fc.constantFrom(
  "DYNAMIC", "CLUSTER", "ROUTE", "UPSTREAM_HOST", "LISTENER", "VIRTUAL_HOST", "LISTENER_FILTER_CHAIN",
); // biome-ignore format: a list

const metadata = fc.oneof(
  fc
    .tuple(fc.constantFrom("CLUSTER_METADATA", "UPSTREAM_METADATA"), metadataKeys)
    .filter(([, key]) => key !== "")
    .map(([name, key]) => `%${name}(${key})%`),
  lengthened(
    fc.oneof(
      metadataKeys.filter((key) => key !== "").map((key) => `DYNAMIC_METADATA(${key})`),
      fc.tuple(metadataKinds, metadataKeys).map(([kind, key]) => `METADATA(${kind}:${key})`),
    ),
  ),
);

const filterState = lengthened(
  fc.constantFrom(
    "FILTER_STATE(key)",
    "FILTER_STATE(key:PLAIN)",
    "FILTER_STATE(key:TYPED)",
    "FILTER_STATE(key:FIELD:name)",
    "UPSTREAM_FILTER_STATE(key)",
  ),
);

const query = lengthened(
  fc.oneof(
    fc
      .constantFrom("q", "r", "", "Q", "a b", "a%20b", "none")
      .map((name) => `QUERY_PARAM(${name})`),
    fc.constantFrom("QUERY_PARAMS", "QUERY_PARAMS(ORIG)", "QUERY_PARAMS(DECODED)"),
  ),
).filter((text) => !text.includes("()"));

const path = lengthened(
  fc
    .tuple(
      fc.constantFrom("", "WQ", "NQ"),
      fc.constantFrom(undefined, "", "ORIG", "PATH", "ORIG_OR_PATH"),
    )
    .map(([first, second]) => {
      if (first === "" && second === undefined) return "PATH";
      return `PATH(${first}${second === undefined ? "" : `:${second}`})`;
    }),
);

const coalesce = lengthened(
  fc
    .array(
      fc.constantFrom<unknown>(
        "RESPONSE_FLAGS", "ROUTE_NAME", "BYTES_SENT", "PROTOCOL", { command: "REQ", param: "x-a" }, { command: "REQ", param: "x-b?x-c", max_length: 2 },
        { command: "RESP", param: "x-r1" }, { command: "QUERY_PARAM", param: "q" }, { command: "METADATA", param: "ROUTE:ns:deep" },
        { command: "REQUEST_HEADER", param: "x-none" }, { command: "CLUSTER_METADATA", param: "ns:number" },
      ), // biome-ignore format: a table
      { minLength: 1, maxLength: 3 },
    )
    .map((operators) => `COALESCE(${JSON.stringify({ operators })})`),
);

const network = fc
  .tuple(
    fc.constantFrom(
      "DOWNSTREAM_REMOTE",
      "DOWNSTREAM_DIRECT_REMOTE",
      "DOWNSTREAM_LOCAL",
      "UPSTREAM_REMOTE",
    ),
    fc.constantFrom("0", "8", "24", "31", "32", "33", "-1", "+24", "x", "007", "24.0"),
  )
  .map(([name, bits]) => `%${name}_ADDRESS_WITHOUT_PORT(${bits})%`);

/** Their values are the same in both proxies. */
const plain = fc
  .constantFrom(
    "PROTOCOL", "UPSTREAM_PROTOCOL", "RESPONSE_CODE", "RESPONSE_CODE_DETAILS", "RESPONSE_CODE_DETAILS(ALLOW_WHITESPACES)",
    "RESPONSE_FLAGS", "RESPONSE_FLAGS_LONG", "BYTES_RECEIVED", "BYTES_SENT", "ROUTE_NAME", "HOSTNAME",
    "LOCAL_REPLY_BODY", "ACCESS_LOG_TYPE", "CUSTOM_FLAGS", "UPSTREAM_CLUSTER", "UPSTREAM_CLUSTER_RAW", "UPSTREAM_HOST",
    "UPSTREAM_HOST_NAME", "UPSTREAM_HOST_NAME_WITHOUT_PORT", "UPSTREAM_REQUEST_ATTEMPT_COUNT", "UPSTREAM_TRANSPORT_FAILURE_REASON",
    "UPSTREAM_LOCAL_ADDRESS", "UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", "UPSTREAM_REMOTE_ADDRESS", "UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
    "DOWNSTREAM_LOCAL_ADDRESS", "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", "DOWNSTREAM_DIRECT_LOCAL_ADDRESS",
    "DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT", "DOWNSTREAM_REMOTE_ADDRESS", "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
    "DOWNSTREAM_DIRECT_REMOTE_ADDRESS", "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT",
    "GRPC_STATUS", "GRPC_STATUS(CAMEL_STRING)", "GRPC_STATUS(SNAKE_STRING)", "GRPC_STATUS(NUMBER)", "GRPC_STATUS_NUMBER",
    "RESPONSE_TRAILERS_BYTES",
    "CONNECTION_TERMINATION_DETAILS", "UPSTREAM_DETECTED_CLOSE_TYPE", "UPSTREAM_LOCAL_CLOSE_REASON", "VIRTUAL_CLUSTER_NAME",
    "DOWNSTREAM_LOCAL_CLOSE_REASON", "DOWNSTREAM_DETECTED_CLOSE_TYPE", "LISTENER_NAME", "FILTER_CHAIN_NAME", "REQUESTED_SERVER_NAME",
    "UPSTREAM_HOSTS_ATTEMPTED", "UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT", "UPSTREAM_HOST_NAMES_ATTEMPTED",
    "UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT", "DOWNSTREAM_TLS_VERSION", "DOWNSTREAM_PEER_SUBJECT", "UPSTREAM_TLS_CIPHER",
    "DOWNSTREAM_LOCAL_ADDRESS_ENDPOINT_ID", "DOWNSTREAM_DIRECT_LOCAL_ADDRESS_ENDPOINT_ID", "UPSTREAM_REMOTE_ADDRESS_ENDPOINT_ID",
    "BYTES_RETRANSMITTED", "PACKETS_RETRANSMITTED", "TLS_JA3_FINGERPRINT", "DOWNSTREAM_TRANSPORT_FAILURE_REASON",
    "ENVIRONMENT(FUZZ_WORD)", "ENVIRONMENT(FUZZ_NONE)", "ENVIRONMENT(FUZZ_WORD):2", "ENVIRONMENT(FUZZ_EMPTY)", "STREAM_ID", "DOWNSTREAM_CX_RTT",
    "REQUESTED_SERVER_NAME(HOST_FIRST)", "REQUESTED_SERVER_NAME(SNI_FIRST:ORIG)", "REQUESTED_SERVER_NAME(HOST_FIRST:HOST)",
    "REQUESTED_SERVER_NAME(SNI_FIRST:ORIG_OR_HOST)",
  )
  .map((command) => `%${command}%`); // biome-ignore format: a table

/** In the order in which they are reached: the other way round, what is too short for one clock could be nought for the other. */
const points = [
  "DS_CX_BEG", "DS_RX_BEG", "DS_RX_END", "US_CX_BEG", "US_CX_END", "US_TX_BEG", "US_TX_END", "US_RX_BEG", "US_RX_BODY_BEG", "US_RX_END", "DS_TX_BEG",
  "DS_TX_END", "none",
]; // biome-ignore format: a table
const duration = fc
  .tuple(
    fc.subarray(points, { minLength: 2, maxLength: 2 }),
    fc.constantFrom("", ":ms", ":us", ":ns"),
  )
  .map(([[from, to], unit]) => `%COMMON_DURATION(${from}:${to}${unit})%`);

const timeFormat = fc.constantFrom(
  "%Y/%m/%dT%H:%M:%S%z", "%s", "%s.%3f", "%f", "%6f", "%E3S", "%E*S", "%E*f", "%j", "%a %b %e %A %B %h", "%D %F %T %R %r %I %p %Z", "%c %x %X",
  "%u %w %U %W %y %C %k %l", "%G %V %g", "%Ez", "%E*z", "%_H", "%10Y", "%^a", "%Ex", "%Od", "%:z", "%::z", "%12f", "%8a", "%q", "%Q", "%E", "%E9", "%1f%2f%9f", "%%", "%%Y", "plain", "%Y%", "%-d", "%_d", "%Om", "%Ec", "%E4Y",
  "%EY", "%:z", "%::z", "%O", "%P", "%+", "%ET", "%i", "%v", "%L", "%N", "%t", "%E16S", "%E20S", "%03d", "%10Y", "%^a", "%#a", "%5f",
); // biome-ignore format: a table

/** Known only to the clock and to chance: compared by their shape. */
const changing = fc.oneof(
  fc
    .constantFrom(
      "REQUEST_HEADERS_BYTES", "RESPONSE_HEADERS_BYTES", "CONNECTION_ID", "UPSTREAM_CONNECTION_ID", "UNIQUE_ID", "TRACE_ID", "SPAN_ID", "DURATION", "REQUEST_DURATION", "REQUEST_TX_DURATION", "RESPONSE_DURATION",
      "RESPONSE_TX_DURATION", "ROUNDTRIP_DURATION", "DOWNSTREAM_HANDSHAKE_DURATION", "UPSTREAM_CONNECTION_POOL_READY_DURATION",
      "UPSTREAM_LOCAL_PORT", "UPSTREAM_REMOTE_PORT", "DOWNSTREAM_LOCAL_PORT", "DOWNSTREAM_REMOTE_PORT", "DOWNSTREAM_DIRECT_LOCAL_PORT",
      "DOWNSTREAM_DIRECT_REMOTE_PORT", "START_TIME", "EMIT_TIME", "UPSTREAM_CONNECTION_IDS_ATTEMPTED",
      "RESP(x-envoy-upstream-service-time)", "RESP(date)",
    )
    .map((command) => `%${command}%`), // biome-ignore format: a table
  duration,
  timeFormat.map((format) => `%START_TIME(${format})%`),
  timeFormat.map((format) => `%START_TIME_LOCAL(${format})%`),
  fc.constant("%START_TIME_LOCAL%"),
  timeFormat.map((format) => `%EMIT_TIME(${format})%`),
);

export interface Format {
  readonly text: string;
  /** It is one operator whose value differs by chance. */
  readonly changing: boolean;
}

/** One operator. */
export const operator: fc.Arbitrary<Format> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .oneof(
        { weight: 3, arbitrary: header("REQ", [...requestNames, ...pseudoRequest]) },
        { weight: 2, arbitrary: header("RESP", [...responseNames, ":status"]) },
        header("TRAILER", trailerNames),
        header("REQUEST_HEADER", requestNames),
        header("RESPONSE_HEADER", responseNames),
        header("RESPONSE_TRAILER", trailerNames),
        header("STREAM_INFO_REQ", [...requestNames, ...pseudoRequest]),
        metadata,
        filterState,
        query,
        path,
        coalesce,
        network,
        { weight: 8, arbitrary: plain },
      )
      .map((text) => ({ text, changing: false })),
  },
  { weight: 2, arbitrary: changing.map((text) => ({ text, changing: true })) },
);

const literal = fc.constantFrom("", " ", "x", "a-", "100%%", "%%", "(b)", "é", "{\"q\"}", "tab\tbed", "-"); // biome-ignore format: a list

/** Text around operators, or operators alone. */
export const format: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 3,
    arbitrary: operator.map(({ text, changing: isChanging }) =>
      isChanging ? markChanging(text) : text,
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.tuple(literal, operator), { minLength: 1, maxLength: 3 })
      .chain((parts) =>
        literal.map(
          (last) =>
            parts
              .map(
                ([before, { text, changing: isChanging }]) =>
                  before + (isChanging ? markChanging(text) : text),
              )
              .join("") + last,
        ),
      ),
  },
  { weight: 1, arbitrary: literal },
);
