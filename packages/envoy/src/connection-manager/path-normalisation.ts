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
  | { readonly kind: "reject" };

const reject: NormalisedPath = { kind: "reject" };
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
        return reject;
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
    if (canonical === undefined) return reject;
    path = canonical;
  }
  if (options.mergeSlashes) path = path.replace(/\/{2,}/g, "/");
  return { kind: redirect ? "redirect" : "continue", target: path + query };
}

function unescapeSlashes(path: string): string {
  return path.replace(/%2f/gi, "/").replace(/%5c/gi, "\\");
}

// What Envoy's URL library writes in hex.
const unescaped = /[^\x21-\x7e]|["<>`{}|^]/;
const allUnescaped = new RegExp(unescaped, "g");
const dotSegment = /(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\]|$)/i;

/** RFC 3986 section 5.2.4 with the URL standard's reading of `%2e` and `\`; undefined for what is no path. */
export function canonicalPath(path: string): string | undefined {
  if (!path.startsWith("/")) return undefined;
  if (path.includes("%00") || path.includes("\0")) return undefined;
  const needsEscaping = unescaped.test(path);
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

function escapeSegment(part: string): string {
  return part.replace(allUnescaped, (character) => {
    // Header values hold one character a byte.
    const code = character.charCodeAt(0) & 0xff;
    return `%${code.toString(16).toUpperCase().padStart(2, "0")}`;
  });
}
