/** Rewrites of the request path and of redirect targets. */
import type { RegexMatchAndSubstitute } from "../config/regex.ts";
import type { PathMatch } from "./route-match.ts";
import { withoutQuery } from "./route-match.ts";

/** Gets the path with its query, returns the new one. */
export type PathRewrite = (target: string) => string;

export function compilePathRewrite(
  match: PathMatch,
  prefixRewrite: string | undefined,
  regexRewrite: RegexMatchAndSubstitute | undefined,
): PathRewrite | undefined {
  if (prefixRewrite !== undefined && prefixRewrite !== "")
    return (target) => replaceMatched(target, match, prefixRewrite);
  if (regexRewrite === undefined) return undefined;
  const substitute = compileSubstitution(regexRewrite);
  return (target) => {
    const path = withoutQuery(target);
    return substitute(path) + target.slice(path.length);
  };
}

/** prefix_rewrite replaces what the route matched: the prefix, or with `path` and regex matches the whole path. */
function replaceMatched(target: string, match: PathMatch, replacement: string): string {
  if (match.kind === "prefix") return replacement + target.slice(match.prefix.length);
  return replacement + target.slice(withoutQuery(target).length);
}

/** RE2::GlobalReplace with `\1` references. */
export function compileSubstitution(rewrite: RegexMatchAndSubstitute): (text: string) => string {
  const { source, flags } = rewrite.pattern.compiled;
  const everywhere = new RegExp(source, flags.includes("g") ? flags : `${flags}g`);
  const pieces = rewrite.substitution.split(/\\(\d|\\)/);
  return (text) =>
    text.replace(everywhere, (...groups: unknown[]) => {
      let result = "";
      for (let i = 0; i < pieces.length; i++) {
        const piece = pieces[i] as string;
        if (i % 2 === 0) result += piece;
        else if (piece === "\\") result += "\\";
        else result += typeof groups[Number(piece)] === "string" ? groups[Number(piece)] : "";
      }
      return result;
    });
}
