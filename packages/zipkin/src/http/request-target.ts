/** Where a request goes, in the one spelling that routes are compared with. */
export interface RequestTarget {
  /** Percent signs are left only where what they stand for is no plain character of a path. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/**
 * Reads the target as the real server's HTTP library does: repeated slashes are one, parameters of path
 * segments (`;a=b`) are dropped, needless escapes are undone. Undefined for what it refuses: broken
 * escapes, control characters, steps upwards, anything but a path.
 */
export function parseRequestTarget(target: string): RequestTarget | undefined {
  if (SIMPLE.test(target)) return { path: target, query: new URLSearchParams() };
  const mark = target.indexOf("?");
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  const rawQuery = mark < 0 ? "" : target.slice(mark + 1);
  if (!rawPath.startsWith("/")) return undefined;
  if (!isWellFormed(rawPath, "") || !isWellFormed(rawQuery, LINE_ENDS)) {
    return undefined;
  }
  if (UPWARDS.test(unescaped(rawPath)) || UPWARDS.test(queryAsPath(rawQuery))) return undefined;
  const path = rawPath.replace(/%..|[^!-~]/g, respell).replace(/\/{2,}/g, "/");
  if (path.includes("/;")) return undefined; // parameters of nothing
  return { path: path.replace(/;[^/]*/g, ""), query: new URLSearchParams(rawQuery) };
}

/** Nothing to be done: what reporters post to. */
const SIMPLE = /^(?:\/[\w-]+)+$/;

/** What a path segment says. Bytes that are no UTF-8 become U+FFFD. */
export function decodeSegment(segment: string): string {
  if (!segment.includes("%")) return segment;
  return Buffer.from(unescaped(segment), "latin1").toString("utf8");
}

const BROKEN_ESCAPE = /%(?![\da-fA-F]{2})/;
const TAB = 0x09;
const LINE_ENDS = "\n\r";

function isWellFormed(text: string, allowedControls: string): boolean {
  if (BROKEN_ESCAPE.test(text)) return false;
  for (const char of unescaped(text)) {
    if (isRefused(char.charCodeAt(0)) && !allowedControls.includes(char)) return false;
  }
  return true;
}

/** Control characters but for the tab and the four separators (0x1c to 0x1f), as the real server has it. */
function isRefused(code: number): boolean {
  return (code < 0x1c && code !== TAB) || code === 0x7f;
}

/** One character a byte. */
function unescaped(text: string): string {
  return text.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

const UPWARDS = /[/\\]\.\.(?:[/\\;]|$)/;

/** Each value counts as a path of its own: it begins after the first equals sign of its parameter. */
function queryAsPath(query: string): string {
  const parameters = unescaped(query).split(/[&;]/);
  return parameters.map((parameter) => `/${parameter.replace("=", "/")}/`).join("");
}

const PLAIN = /[\w\-.~:@!$&'()*,=+]/;

function respell(text: string): string {
  if (!text.startsWith("%")) return encodeURIComponent(text);
  const char = String.fromCharCode(Number.parseInt(text.slice(1), 16));
  return PLAIN.test(char) ? char : text.toUpperCase();
}
