import { read, report } from "../decode/cursor.ts";
import { type Decoder, optional, text } from "../decode/decoder.ts";
import { object } from "../decode/object.ts";
import { regex, schemaError } from "../decode/scalars.ts";

/** Istio's match on a string. An empty object asks only that the header or parameter is there. */
export type StringMatch =
  | { readonly kind: "exact"; readonly value: string }
  | { readonly kind: "prefix"; readonly value: string }
  | { readonly kind: "regex"; readonly value: string }
  | { readonly kind: "present" };

interface Written {
  readonly exact?: string;
  readonly prefix?: string;
  readonly regex?: string;
}

// A lone `*` is Istio's spelling of "present", though no RE2 expression.
const regexOrStar: Decoder<string> = (cursor) => {
  const value = read(cursor);
  return value.kind === "scalar" && value.value === "*" ? "*" : regex(cursor);
};

const written = object<Written>(
  { exact: optional(text), prefix: optional(text), regex: optional(regexOrStar) },
  { unknown: "refuse" },
);

function decode(
  cursor: Parameters<Decoder<StringMatch>>[0],
  empty: boolean,
): StringMatch | undefined {
  const match = written(cursor);
  if (match === undefined) return undefined;
  const kinds = (["exact", "prefix", "regex"] as const).filter((kind) => match[kind] !== undefined);
  const [kind, ...others] = kinds;
  // Real Istio keeps the last one without a word.
  if (others.length > 0)
    return report(cursor, `${kinds.join(" and ")} in one match, only one is allowed`);
  if (kind === undefined) {
    return empty ? { kind: "present" } : schemaError(cursor, "needs one of exact, prefix, regex");
  }
  const value = match[kind] ?? "";
  if (kind === "regex" && value === "*") return { kind: "present" };
  if (kind !== "exact" && value === "")
    return report(cursor, `an empty ${kind} matches everything`);
  return { kind, value };
}

/** For headers and query parameters, where `{}` asks for presence. */
export const presenceMatch: Decoder<StringMatch> = (cursor) => decode(cursor, true);

/** For the URI, method, scheme and authority, which are always there. */
export const valueMatch: Decoder<StringMatch> = (cursor) => decode(cursor, false);
