/** normalize_path, merge_slashes and path_with_escaped_slashes_action. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/header_sanitizing */
import type { PathWithEscapedSlashesAction } from "../config/http-connection-manager.ts";

export interface PathNormalisation {
  readonly normalizePath: boolean;
  readonly mergeSlashes: boolean;
  readonly escapedSlashes: PathWithEscapedSlashesAction;
}

export type NormalisedPath =
  | { readonly kind: "continue"; readonly target: string }
  | { readonly kind: "redirect"; readonly target: string }
  /** The target as far as it had been put in order. */
  | { readonly kind: "reject"; readonly target: string };

const escapedSlash = /%2f|%5c/i;

/** `target` is the path with its query; only the path part changes. */
export function normalisePath(target: string, options: PathNormalisation): NormalisedPath {
  const queryStart = target.indexOf("?");
  let path = queryStart < 0 ? target : target.slice(0, queryStart);
  const query = queryStart < 0 ? "" : target.slice(queryStart);
  let redirect = false;
  if (escapedSlash.test(path)) {
    switch (options.escapedSlashes) {
      case "REJECT_REQUEST":
        return { kind: "reject", target: unescapeSlashes(path) + query };
      case "UNESCAPE_AND_REDIRECT":
        redirect = true;
        path = unescapeSlashes(path);
        break;
      case "UNESCAPE_AND_FORWARD":
        path = unescapeSlashes(path);
        break;
      default: // kept as they are
    }
  }
  if (options.normalizePath) {
    const canonical = canonicalPath(path);
    if (canonical === undefined) return { kind: "reject", target: path + query };
    path = canonical;
  }
  if (options.mergeSlashes) path = mergeSlashes(path);
  return { kind: redirect ? "redirect" : "continue", target: path + query };
}

/** Of nothing but slashes Envoy leaves the first and the last. */
function mergeSlashes(path: string): string {
  return /^\/{2,}$/.test(path) ? "//" : path.replace(/\/{2,}/g, "/");
}

function unescapeSlashes(path: string): string {
  return path.replace(/%2f/gi, "/").replace(/%5c/gi, "\\");
}

/** What Envoy's URL library writes in hex, and what it does not leave in hex. */
const needsRewriting = /[^\x21-\x7e]|["<>`{}|^]|%[2-7]/;
const escapes = /[^\x21-\x7e]|["<>`{}|^]|%[2-7][\da-f]/gi;
const unreserved = /[A-Za-z\d\-._~]/;

const dotSegment = /(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\]|$)/i;

/** RFC 3986 section 5.2.4 with the URL standard's reading of `%2e` and `\`; undefined for what is no path. */
export function canonicalPath(path: string): string | undefined {
  if (!path.startsWith("/")) return undefined;
  if (path.includes("%00") || path.includes("\0")) return undefined;
  const needsEscaping = needsRewriting.test(path);
  if (!needsEscaping && !path.includes("\\") && !dotSegment.test(path)) return path;
  const segments: string[] = [];
  const parts = path.replaceAll("\\", "/").slice(1).split("/");
  for (const [i, part] of parts.entries()) {
    const isLast = i === parts.length - 1;
    const plain = part.replace(/%2e/gi, ".");
    if (plain === "..") {
      segments.pop();
      if (isLast) segments.push("");
    } else if (plain === ".") {
      if (isLast) segments.push("");
    } else {
      segments.push(needsEscaping ? escapeSegment(part) : part);
    }
  }
  return `/${segments.join("/")}`;
}

function unescapeUnreserved(escaped: string): string {
  const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
  return unreserved.test(character) ? character : escaped;
}

function escapeSegment(part: string): string {
  return part.replace(escapes, (character) => {
    if (character.length === 3) return unescapeUnreserved(character);
    // Header values hold one character a byte.
    const code = character.charCodeAt(0) & 0xff;
    return `%${code.toString(16).toUpperCase().padStart(2, "0")}`;
  });
}
