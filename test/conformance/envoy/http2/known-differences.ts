/** Where node:http2 leaves no choice: packages/envoy/RATIONALE.md says what it does instead. */

/** The library answers a request or response that is none with RST_STREAM and tells nobody; Envoy ends the connection and logs it. */
const tellsNobody = [
  "no :path",
  "no :method",
  "no :scheme",
  "no :authority",
  "an empty :path",
  "an empty :authority",
  "an empty :method",
  "an empty :scheme",
  "a :path without a slash",
  "a :path with a blank",
  "an asterisk path",
  "a method with a blank",
  "an :authority with user",
  "an :authority with a blank",
  "an :authority with a slash",
  "an unknown pseudo header",
  "a :status in a request",
  ":path twice",
  ":method twice",
  ":authority twice",
  "a pseudo header after a field",
  "an upper case name",
  "connection",
  "connection: keep-alive",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "te: gzip",
  "te: trailers, gzip",
  "content-length without a body",
  "content-length twice, the same",
  "content-length twice, another",
  "content-length that is no number",
  "content-length: +0",
  "content-length: -0",
  "CONNECT with a path",
  "extended CONNECT",
  ":protocol with GET",
  "trailers without END_STREAM",
  "trailers with a pseudo header",
  "trailers with upper case",
  "trailers with connection",
  "an empty header list",
  "a body shorter than it says",
  "a body longer than it says",
];

/** A head that never became a request is not logged. */
const noRequest = [
  "a header of 80000 bytes",
  "a header of 200000 bytes",
  "HEADERS with a bad block",
  "HEADERS with an index that is not there",
  "a CONTINUATION of another stream",
  "DATA instead of a CONTINUATION",
  "PING instead of a CONTINUATION",
  "CONTINUATIONs without end, empty",
  "CONTINUATIONs without end, full",
];

/** Fields that are none are left out, and the message goes on without them. */
const leavesOut = [
  "an empty name",
  "a name with a blank",
  "a name with a colon",
  "a name with a byte above 127",
  "a value with NUL",
  "a value with CR",
  "a value with LF",
  "a value with a control character",
  "a value with DEL",
  "a response with a name with a blank",
  "a response with a value with NUL",
  // A field of connections, as the library has it, which does not send it.
  "http2-settings",
];

/** Other words in the log for the same end. */
const otherWords = [
  "PUSH_PROMISE",
  "WINDOW_UPDATE by 0 on a stream",
  "WINDOW_UPDATE beyond the limit on a stream",
  "HEADERS after the end",
  "more streams than allowed",
  // Taken for a reset like any other.
  "RST_STREAM NO_ERROR before the answer",
  "RST_STREAM NO_ERROR within the answer",
];

/** Floods end a connection, but each library has its own idea of how much is too much. */
const otherLimits = [
  "PING ack nobody asked for",
  "PING, 2000 times",
  "PING, 20000 times",
  "PRIORITY, 2000 times",
  "WINDOW_UPDATE, 2000 times",
  "empty DATA, 20 times",
  "reset of a stream, 300 times",
  "PING 20000 times",
  "SETTINGS 2000 times",
];

/** A response without a body ends with its head, whatever the service sends after it; statuses above 599 are not sent. */
const responses = [
  "HEAD",
  "a body for HEAD",
  "HEAD without END_STREAM",
  "a response with 204 with a body",
  "a response with 304 with a body",
  "a response with :status 600",
  "a response with :status 999",
  // Envoy compares the length before it passes on the last piece.
  "a response with content-length too large",
  // Ended by both sides before it could be refused: nothing is left to reset.
  "a response with 100 fields",
  "a response with 101 headers",
  "a response with a header of 62000 bytes",
  // The end of a request is a frame of its own, which the window held up.
  "an upstream that takes no body",
  // The service has reset the stream already.
  "an answer before the body, and NO_ERROR",
  // "end" and no code: it looks like the end of the body.
  "RST_STREAM NO_ERROR within the body",
];

export const knownDifferences: ReadonlySet<string> = new Set([
  ...tellsNobody,
  ...noRequest,
  ...leavesOut,
  ...otherWords,
  ...otherLimits,
  ...responses,
]);
