/** One thing wrong (or only unusual) in a configuration: what people mistype, and what generators of configuration get wrong. */
import fc from "fast-check";
import type { Json } from "./drawing.ts";

export interface Mutation {
  /** What was done and where, for messages. */
  readonly what: string;
  readonly mutated: Json;
}

type Path = readonly (string | number)[];

const numbers: readonly Json[] = [
  -1, 0, 1, 1.5, 99, 100, 101, 600, 65_535, 65_536, 2_147_483_648, 4_294_967_296, 1e30, "5", "-5", "5.0", "five", "", true, null, [], {},
  "1e2", "NaN", " 5",
]; // biome-ignore format: a table

const durations: readonly Json[] = [
  "0s", "1s", "1", "s", "", "1 s", " 1s", "-1s", "+1s", "1m", "1ms", "1.5s", "1.s", ".5s", "1e3s", "0.000000001s", "0.0000000001s",
  "0.0001s", "315576000000s", "315576000001s", "9223372036s", "9223372037s", 5, null, {}, { seconds: 1 }, true,
]; // biome-ignore format: a table

const strings: readonly Json[] = [
  "", " ", "x", "nope", "NOPE", "a b", "a\nb", "a\rb", "a\u0000b", "\u00e9", "*", "/", "a".repeat(2_000), 5, true, null, [], {}, ["x"],
]; // biome-ignore format: a table

const regexes: readonly Json[] = [
  "(", ")", "[", "]", "[]", "[^]", "*", "+", "?", "a**", "a{2,1}", "a{1001}", "a{,3}", "{", "(?=x)", "(?!x)", "(?<=x)", "(?:x)", "(?i)x",
  "(?i:x)", "(?s)x", "(?U)x", "(?x)y", "(?P<n>x)", "(?<n>x)", "\\1", "\\d", "\\pN", "\\p{Greek}", "\\p{Nope}", "\\A", "\\z", "\\Z", "\\b", "\\C",
  "\\Qa.b\\E", "[[:alpha:]]", "[[:nope:]]", "[a-", "[z-a]", "\\", "a|*", "x{0}", "^*", "\\x41", "\\x{110000}", "\\u0041", "\\cA", "",
]; // biome-ignore format: a table

const enums: readonly Json[] = ["NOPE", "", 0, 1, 99, -1, 1.5, null, true, {}, "0"];
const domains: readonly Json[] = [
  "*",
  "",
  "*.",
  "*x*",
  "a*b",
  "**",
  "*.shop.test",
  "a b",
  "shop.test",
  "SHOP.test",
  "*.*",
  ".*",
];

/** What to put in place of a value, by the name of its field and by what it is. */
function replacements(field: string, value: Json): readonly Json[] {
  if (field === "regex") return regexes;
  if (field === "domains") return domains;
  if (typeof value === "number") return numbers;
  if (typeof value === "boolean") return [true, false, "true", "false", "yes", 0, 1, null, {}, []];
  if (typeof value === "string") {
    if (/^-?[\d.]+s$/.test(value)) return durations;
    return /^[A-Z][A-Z0-9_]+$/.test(value) ? enums : strings;
  }
  if (Array.isArray(value))
    return [[], {}, "x", 5, null, [null], [5], [...value, ...value.slice(0, 1)], value[0] ?? null];
  return [{}, [], "x", 5, null, true, [value]];
}

/** Fields that Envoy does not know, or knows in another place. */
const strays: readonly (readonly [string, Json])[] = [
  ["nope", 1],
  ["name", "again"],
  ["prefix", "/twice"],
  ["path", "/twice"],
  ["cluster", "alpha"],
  ["route", { cluster: "alpha" }],
  ["redirect", {}],
  ["direct_response", { status: 200 }],
  ["timeout", "1s"],
  ["present_match", true],
  ["string_match", { exact: "x" }],
  ["host_rewrite_literal", "x"],
  ["prefix_rewrite", "/x"],
  ["regex_rewrite", { pattern: { regex: "x" }, substitution: "\\1" }],
  ["https_redirect", true],
  ["scheme_redirect", "https"],
  ["strip_any_host_port", true],
  ["strip_matching_host_port", true],
  ["http_filters", []],
  ["stat_prefix", ""],
  ["metadata", { filter_metadata: { a: { b: 1 } } }],
  ["request_headers_to_add", [{ header: { key: ":path", value: "x" } }]],
  ["request_headers_to_add", [{ header: { key: "x", value: "%NOPE%" } }]],
  ["request_headers_to_remove", ["host"]],
  ["response_headers_to_remove", [":status"]],
  ["retry_policy", { retry_on: "5xx", retry_back_off: { base_interval: "2s", max_interval: "1s" } }],
  ["retry_policy", { retry_back_off: { max_interval: "1s" } }],
  ["hash_policy", [{}]],
  ["hash_policy", [{ header: { header_name: "x" } }]],
  ["weighted_clusters", { clusters: [] }],
  ["weighted_clusters", { clusters: [{ name: "alpha", weight: 0 }] }],
  ["typed_per_filter_config", { nope: { "@type": "type.googleapis.com/nope.Nope" } }],
  ["typed_per_filter_config", { nope: { "@type": "type.googleapis.com/envoy.extensions.filters.http.buffer.v3.BufferPerRoute", disabled: true } }],
  ["", 1],
]; // biome-ignore format: a table

export function mutationsOf(configuration: Json): fc.Arbitrary<Mutation> {
  const paths = pathsOf(configuration, []);
  const objects = paths.filter((path) => isObject(valueAt(configuration, path)));
  const replaced = fc.constantFrom(...paths).chain((path) => {
    const field = path.findLast((step) => typeof step === "string") ?? "";
    const value = valueAt(configuration, path) ?? null;
    return fc.constantFrom(...replacements(String(field), value)).map((put) => ({
      what: `${path.join(".")} = ${JSON.stringify(put).slice(0, 200)}`,
      mutated: change(configuration, path, () => put),
    }));
  });
  const removed = fc.constantFrom(...paths).map((path) => ({
    what: `${path.join(".")} left out`,
    mutated: change(configuration, path, () => undefined),
  }));
  const renamed = fc
    .constantFrom(...paths.filter((path) => typeof path.at(-1) === "string"))
    .chain((path) => {
      const name = String(path.at(-1));
      return fc
        .constantFrom(camelCase(name), name.toUpperCase(), `${name}x`, name.slice(0, -1))
        .map((to) => ({
          what: `${path.join(".")} called ${to}`,
          mutated: change(configuration, path.slice(0, -1), (object) =>
            Object.fromEntries(
              Object.entries(object as object).map(([key, value]) => [
                key === name ? to : key,
                value as Json,
              ]),
            ),
          ),
        }));
    });
  const added = fc
    .tuple(fc.constantFrom(...objects), fc.constantFrom(...strays))
    .map(([path, [key, put]]) => ({
      what: `${path.join(".")} with ${JSON.stringify({ [key]: put })}`,
      mutated: change(configuration, path, (object) => ({ ...(object as object), [key]: put })),
    }));
  return fc.oneof(
    { weight: 6, arbitrary: replaced },
    { weight: 2, arbitrary: removed },
    { weight: 1, arbitrary: renamed },
    { weight: 3, arbitrary: added },
  );
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function isObject(value: Json | undefined): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Of every value below the top. */
function pathsOf(value: Json, at: Path): Path[] {
  if (typeof value !== "object" || value === null) return [];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return keys.flatMap((key) => [
    [...at, key],
    ...pathsOf(valueAt(value, [key]) ?? null, [...at, key]),
  ]);
}

function valueAt(value: Json, path: Path): Json | undefined {
  let found: Json | undefined = value;
  for (const step of path) found = (found as Record<string | number, Json> | undefined)?.[step];
  return found;
}

function change(value: Json, path: Path, to: (old: Json) => Json | undefined): Json {
  const [key, ...rest] = path;
  if (key === undefined) return to(value) ?? null;
  if (Array.isArray(value))
    return value.flatMap((item, at) => {
      if (at !== key) return [item];
      const changed = rest.length === 0 ? to(item) : change(item, rest, to);
      return changed === undefined ? [] : [changed];
    });
  const entries = Object.entries(value as Record<string, Json>).flatMap(([name, item]) => {
    if (name !== key) return [[name, item] as const];
    const changed = rest.length === 0 ? to(item) : change(item, rest, to);
    return changed === undefined ? [] : [[name, changed] as const];
  });
  return Object.fromEntries(entries);
}
