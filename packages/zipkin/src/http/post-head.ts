import type { Decoder } from "../collector/collector.ts";
import { decoderOf } from "../collector/formats.ts";

/** The head of a request that posts spans and asks for nothing else. */
export interface PostHead {
  readonly path: string;
  readonly decode: Decoder;
  /** Bytes of the body. */
  readonly length: number;
}

/** A head, and the text that it came in around the digits of its length. */
interface Known {
  readonly head: PostHead;
  readonly before: string;
  readonly after: string;
}

/** Bytes. Of larger bodies the way to the decoder is a small part of the cost. */
const MAX_LENGTH = 64 * 1024;

const REQUEST_LINE = /^POST (\/api\/v[12]\/spans) HTTP\/1\.1$/;
const HEADER = /^([!#$%&'*+\-.^_`|~\w]+):[\t ]*([\t -~]*)$/;
const LENGTH = /^\d{1,5}$/;
const AROUND_LENGTH = /^(.*\r\ncontent-length:[\t ]*)\d+(.*)$/is;

/** What changes how the body comes, or what is to be answered. */
const meaningful: ReadonlySet<string> = new Set([
  "transfer-encoding", "content-encoding", "expect", "upgrade", "trailer", "origin",
]); // biome-ignore format: a list

/** Reads the heads of one connection: a reporter sends the same one again and again, but for the length. */
export class PostHeadReader {
  private known: Known | undefined;

  /** Takes a head without its empty line. Undefined for all but the plain HTTP/1.1 that reporters speak. */
  read(text: string): PostHead | undefined {
    const { known } = this;
    if (known !== undefined && text.startsWith(known.before) && text.endsWith(known.after)) {
      const digits = text.slice(known.before.length, text.length - known.after.length);
      if (LENGTH.test(digits)) return withLength(known.head, digits);
    }
    this.known = readAnew(text);
    return this.known?.head;
  }
}

function withLength(
  { path, decode }: Omit<PostHead, "length">,
  digits: string,
): PostHead | undefined {
  const length = Number(digits);
  return length > MAX_LENGTH ? undefined : { path, decode, length };
}

function readAnew(text: string): Known | undefined {
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
        if (length !== undefined || !LENGTH.test(value)) return undefined;
        length = value;
        break;
      case "connection":
        if (value.trimEnd().toLowerCase() !== "keep-alive") return undefined;
        break;
      default:
        if (meaningful.has(name.toLowerCase())) return undefined;
    }
  }
  if (host === undefined || length === undefined) return undefined;
  const head = withLength({ path, decode: decoderOf(path, contentType ?? "") }, length);
  const [, before = "", after = ""] = AROUND_LENGTH.exec(text) ?? [];
  return head && { head, before, after };
}
