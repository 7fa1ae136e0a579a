/** Which HTTP a connection begins with. https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/listener_filters/http_inspector */

const http2Preface = Buffer.from("PRI * HTTP/2.0", "latin1");
/** No request line is longer. */
const maxBytes = 64 * 1024;

/** Envoy's name of the protocol, undefined for anything else, "more" while it cannot be told. */
export function readRequestLine(
  bytes: Buffer,
): "h2c" | "http/1.1" | "http/1.0" | "more" | undefined {
  const length = Math.min(bytes.length, http2Preface.length);
  if (bytes.compare(http2Preface, 0, length, 0, length) === 0)
    return length < http2Preface.length ? "more" : "h2c";
  let start = 0;
  while (bytes[start] === 0x0d || bytes[start] === 0x0a) start += 1;
  const end = bytes.indexOf("\n", start, "latin1");
  const line = bytes.toString("latin1", start, end === -1 ? bytes.length : end);
  if (end === -1) return couldBeRequest.test(line) && bytes.length < maxBytes ? "more" : undefined;
  const match = requestLine.exec(line);
  return match === null ? undefined : match[1] === "1" ? "http/1.1" : "http/1.0";
}

const requestLine = /^[A-Z-]+ \S+ HTTP\/1\.([01])\r?$/;
const couldBeRequest = /^[A-Z-]*(?: \S*(?: [HTP/1.0\r]*)?)?$/;
