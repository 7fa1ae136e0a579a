/** The head of a request that posts spans and asks for nothing else. */
export interface PostHead {
  readonly path: string;
  readonly contentType: string;
  /** Bytes of the body. */
  readonly length: number;
}

/** Bytes. Of larger bodies the way to the decoder is a small part of the cost. */
const MAX_LENGTH = 64 * 1024;

const REQUEST_LINE = /^POST (\/api\/v[12]\/spans) HTTP\/1\.1$/;
const HEADER = /^([!#$%&'*+\-.^_`|~\w]+):[\t ]*([\t -~]*)$/;

/** What changes how the body comes, or what is to be answered. */
const meaningful: ReadonlySet<string> = new Set([
  "transfer-encoding", "content-encoding", "expect", "upgrade", "trailer", "origin",
]); // biome-ignore format: a list

/** Reads a head without its empty line. Undefined for all but the plain HTTP/1.1 that reporters speak. */
export function readPostHead(text: string): PostHead | undefined {
  const [requestLine = "", ...lines] = text.split("\r\n");
  const path = REQUEST_LINE.exec(requestLine)?.[1];
  if (path === undefined) return undefined;
  let host: string | undefined;
  let contentType: string | undefined;
  let length: string | undefined;
  for (const line of lines) {
    const [, name = "", value = ""] = HEADER.exec(line) ?? [];
    switch (name.toLowerCase()) {
      case "":
        return undefined;
      case "host":
        if (host !== undefined) return undefined;
        host = value;
        break;
      case "content-type":
        if (contentType !== undefined) return undefined;
        contentType = value;
        break;
      case "content-length":
        if (length !== undefined || !/^\d{1,5}$/.test(value)) return undefined;
        length = value;
        break;
      case "connection":
        if (value.trimEnd().toLowerCase() !== "keep-alive") return undefined;
        break;
      default:
        if (meaningful.has(name.toLowerCase())) return undefined;
    }
  }
  if (host === undefined || length === undefined || Number(length) > MAX_LENGTH) return undefined;
  return { path, contentType: contentType ?? "", length: Number(length) };
}
