/** Format strings that may be right or wrong: nonsense arguments, lengths where none belong, and right ones with a character more or less. */
import fc from "fast-check";
import { format, operator } from "./formats.ts";

const names = [
  "REQ", "RESP", "TRAILER", "PROTOCOL", "START_TIME", "EMIT_TIME_LOCAL", "DURATION", "COMMON_DURATION", "METADATA", "DYNAMIC_METADATA",
  "CLUSTER_METADATA", "UPSTREAM_METADATA", "FILTER_STATE", "UPSTREAM_FILTER_STATE", "ENVIRONMENT", "QUERY_PARAM", "QUERY_PARAMS", "PATH",
  "GRPC_STATUS", "GRPC_STATUS_NUMBER", "RESPONSE_CODE_DETAILS", "REQUESTED_SERVER_NAME", "DOWNSTREAM_REMOTE_ADDRESS",
  "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", "UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", "RESPONSE_FLAGS", "BYTES_SENT", "NOPE", "req", "", "REQ_", "TLS_JA4_FINGERPRINT",
  "DOWNSTREAM_TLS_GROUP", "STREAM_INFO_REQ", "REQUEST_HEADER", "UNIQUE_ID", "HOSTNAME", "UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT",
]; // biome-ignore format: a table

const parameter = fc.constantFrom(
  "", "a", "a?b", "a?b?c", "?", "?a", ":path", "a b", "a:b", "a:b:c", ":", "::", "ROUTE", "ROUTE:ns", "DYNAMIC:", "BAD:a", "key:PLAIN", "key:FIELD", "key:FIELD:x",
  "key:FIELD:", "key:", ":PLAIN", "WQ", "NQ:ORIG", "X:ORIG", "NQ:X", "DECODED", "ORIG", "NUMBER", "SNAKE_STRING", "x", "é", "DS_RX_BEG:DS_TX_END", "DS_RX_BEG:DS_TX_END:s",
  "DS_RX_BEG:DS_TX_END:us", "%Y", "%n", "%En", "SNI_FIRST", "SNI_FIRST:HOST", "HOST_FIRST:x", "24", "-1", "(", "a)b", "{}", "[", "\\", "\"", "ALLOW_WHITESPACES",
); // biome-ignore format: a table

const length = fc.constantFrom(
  "",
  "",
  "",
  ":3",
  ":0",
  ":x",
  ":",
  ":-1",
  ":18446744073709551615",
  ":18446744073709551616",
);

const assembled = fc
  .tuple(
    fc.constantFrom(...names),
    fc.option(parameter),
    length,
    fc.constantFrom("", "", "", "x", "%", "%%"),
  )
  .map(([name, text, max, after]) => `%${name}${text === null ? "" : `(${text})`}${max}%${after}`);

/** One character less, or another one more. */
const damaged = fc
  .tuple(
    fc.oneof(
      format,
      operator.map(({ text }) => text),
    ),
    fc.nat(),
    fc.constantFrom("", "%", "(", ")", ":", "?", "A", "a", " ", "1"),
  )
  .map(([text, at, inserted]) => {
    const place = text === "" ? 0 : at % text.length;
    return text.slice(0, place) + inserted + text.slice(inserted === "" ? place + 1 : place);
  })
  // What JSON is wrong with is told in the words of the parser.
  .filter((text) => !/COALESCE|CEL/.test(text));

export const maybeBroken: fc.Arbitrary<string> = fc
  .oneof(
    { weight: 3, arbitrary: assembled },
    { weight: 2, arbitrary: damaged },
    { weight: 2, arbitrary: format },
  )
  .filter((text) => text !== "" && !/[\r\n\0]/.test(text));
