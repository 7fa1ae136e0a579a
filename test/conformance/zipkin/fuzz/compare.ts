import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import type { Answer } from "./servers.ts";
import type { World } from "./world.ts";

/** Headers that clients go by. */
const comparedHeaders = [
  "content-type",
  "content-encoding",
  "cache-control",
  "vary",
  "location",
  "access-control-allow-origin",
  "access-control-allow-headers",
  "access-control-expose-headers",
  "access-control-allow-methods",
  "access-control-max-age",
] as const;

/** An answer without what is free, for comparison and for people to read. */
export interface Comparable {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Asked {
  readonly method: string;
  /** With the query. */
  readonly path: string;
}

export function comparable(asked: Asked, answer: Answer, world: World): Comparable {
  const headers: Record<string, string> = {};
  for (const name of comparedHeaders) {
    const value = answer.headers[name];
    if (value !== undefined) headers[name] = String(value);
  }
  return { status: answer.status, headers, body: bodyOf(asked, answer, world) };
}

function bodyOf(asked: Asked, answer: Answer, world: World): string {
  const text = unpack(answer);
  if (answer.status === 400 && asked.path.endsWith("/spans") && asked.method === "POST") {
    return ownWords(text);
  }
  if (asked.method === "GET" && answer.status === 200) {
    return normaliseFound(plainPath(asked.path), text, world);
  }
  return text;
}

/** As it is written usually. */
function plainPath(path: string): string {
  return decodeURIComponent(path.split("?")[0] ?? "")
    .replace(/\/+/g, "/")
    .replace(/;.*/, "")
    .replace(/^\/zipkin(?=\/api)/, "");
}

function unpack({ headers, body }: Answer): string {
  switch (headers["content-encoding"]) {
    case "gzip":
      return gunzipSync(body).toString("utf8");
    case "br":
      return brotliDecompressSync(body).toString("utf8");
    case "deflate":
      return inflateSync(body).toString("utf8");
    default:
      return body.toString("utf8");
  }
}

function normaliseFound(path: string, text: string, world: World): string {
  switch (path) {
    case "/api/v2/services":
    case "/api/v2/autocompleteValues":
      return JSON.stringify(itemsOf(text).filter((item) => String(item).includes(world.name)));
    case "/api/v2/dependencies":
      // Their order is not promised.
      return JSON.stringify(
        itemsOf(text)
          .map((link) => JSON.stringify(link))
          .filter((link) => link.includes(world.name))
          .sort(),
      );
    case "/metrics":
      return JSON.stringify(countersOf(parseJson(text)));
    case "/info":
    case "/actuator/info":
      return ""; // its own version
    default:
      return canonicalJson(text);
  }
}

/** Of what both count: the transport that both have. Refused messages the real server counts twice, some of them. */
function countersOf(metrics: unknown): readonly unknown[] {
  return Object.entries(Object(metrics))
    .filter(([name]) => /^\w+\.zipkin_collector\.(?!messages_dropped).*\.http$/.test(name))
    .toSorted();
}

function canonicalJson(text: string): string {
  return /^[[{]/.test(text) ? JSON.stringify(parseJson(text)) : text;
}

/** Zero bytes at its end come where the real server has counted escaped characters wrongly. */
function parseJson(text: string): unknown {
  return JSON.parse(text.replace(/\0+$/, ""));
}

function itemsOf(text: string): unknown[] {
  const list = parseJson(text);
  return Array.isArray(list) ? list : [list];
}

/** What Zipkin says itself. Anything else is from its JSON library, its HTTP library or Java: those words are free. */
const zipkinsWords =
  /should be lower-hex|is empty|\.length > |all zeros|^Missing :|^Incomplete annotation|^No value|^No key|^invalid port|^Expected a [A-Z]+\w* encoded list|^Cannot gunzip|^id == 0|lower-hex string/;

const OTHER_WORDS = "(other words)";

function ownWords(text: string): string {
  return zipkinsWords.test(text) ? text : OTHER_WORDS;
}

export function areAlike(real: Comparable, ours: Comparable): boolean {
  if (JSON.stringify(real) === JSON.stringify(ours)) return true;
  // What is wrong with a body is the client's mistake, not the server's.
  if (real.status === 500) return ours.status === 400;
  // What is wrong first in a broken binary body depends on where it is noticed.
  const isFree = [real, ours].some(({ body }) => body === OTHER_WORDS);
  return real.status === 400 && ours.status === 400 && isFree && !real.body.endsWith("from json");
}
