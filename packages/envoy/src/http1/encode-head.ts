import { reasonPhrase } from "./reason-phrases.ts";

const statusLines = new Map<string, string>();

/** `HTTP/1.1 200 OK`, ending in CR LF. */
export function statusLine(status: string, http10: boolean): string {
  if (http10) return `HTTP/1.0 ${status} ${reasonPhrase(Number(status))}\r\n`;
  let line = statusLines.get(status);
  if (line === undefined) {
    line = `HTTP/1.1 ${status} ${reasonPhrase(Number(status))}\r\n`;
    if (statusLines.size < 1000) statusLines.set(status, line);
  }
  return line;
}

const properNames = new Map<string, string>();

/** `x-request-id` -> `X-Request-Id` (Envoy's proper_case_words: the first letter and each one after a character that is no letter or digit). */
export function properCase(name: string): string {
  let proper = properNames.get(name);
  if (proper === undefined) {
    proper = name.replace(/(^|[^a-z0-9])([a-z])/g, (_, before: string, letter: string) => {
      return before + letter.toUpperCase();
    });
    if (properNames.size < 1024) properNames.set(name, proper);
  }
  return proper;
}

/** Appends header lines to `head`, without pseudo headers and without the empty line. */
export function appendLines(head: string, lines: readonly string[], proper: boolean): string {
  let out = head;
  for (let i = 0; i < lines.length; i += 2) {
    const name = lines[i] as string;
    if (name.charCodeAt(0) === 0x3a) continue;
    out += `${proper ? properCase(name) : name}: ${lines[i + 1] as string}\r\n`;
  }
  return out;
}
