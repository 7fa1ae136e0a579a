/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/metadata.proto */
import type { Decoder } from "./decode/decoder.ts";
import { flag, optional, repeated, required } from "./decode/field.ts";
import { empty, lazy, type MessageDecoder, message } from "./decode/message.ts";
import { bool, double, string } from "./decode/scalars.ts";
import type { Empty } from "./extension.ts";
import type { StringMatcher } from "./string-matcher.ts";
import { stringMatcher } from "./string-matcher.ts";

export interface MetadataMatcher {
  /** The namespace, such as a filter's name. */
  readonly filter: string;
  readonly path: readonly { readonly key: string }[];
  readonly value: ValueMatcher;
  readonly invert: boolean;
}

/** One of them is present. */
export interface ValueMatcher {
  readonly nullMatch?: Empty;
  readonly doubleMatch?: DoubleMatcher;
  readonly stringMatch?: StringMatcher;
  readonly boolMatch?: boolean;
  readonly presentMatch?: boolean;
  /** Of a list: one item is enough. */
  readonly listMatch?: { readonly oneOf?: ValueMatcher };
  readonly orMatch?: { readonly valueMatchers: readonly ValueMatcher[] };
}

/** One of them is present; the range holds its start and not its end. */
export interface DoubleMatcher {
  readonly range?: { readonly start?: number; readonly end?: number };
  readonly exact?: number;
}

const matchers = "envoy.type.matcher.v3";

const doubleMatcher: Decoder<DoubleMatcher> = message<DoubleMatcher>(
  `${matchers}.DoubleMatcher`,
  {
    range: optional(
      message<NonNullable<DoubleMatcher["range"]>>("envoy.type.v3.DoubleRange", {
        start: optional(double()),
        end: optional(double()),
      }),
    ),
    exact: optional(double()),
  },
  { oneofs: [{ name: "match_pattern", fields: ["range", "exact"], required: true }] },
);

const valueMatcher: MessageDecoder<ValueMatcher> = message<ValueMatcher>(
  `${matchers}.ValueMatcher`,
  {
    nullMatch: optional(empty(`${matchers}.ValueMatcher.NullMatch`)),
    doubleMatch: optional(doubleMatcher),
    stringMatch: optional(stringMatcher),
    boolMatch: optional(bool()),
    presentMatch: optional(bool()),
    listMatch: optional(
      message<NonNullable<ValueMatcher["listMatch"]>>(
        `${matchers}.ListMatcher`,
        { oneOf: optional(lazy(() => valueMatcher)) },
        { oneofs: [{ name: "match_pattern", fields: ["one_of"], required: true }] },
      ),
    ),
    orMatch: optional(
      message<NonNullable<ValueMatcher["orMatch"]>>(`${matchers}.OrMatcher`, {
        valueMatchers: repeated(
          lazy(() => valueMatcher),
          { minItems: 2 },
        ),
      }),
    ),
  },
  {
    oneofs: [
      {
        name: "match_pattern",
        fields: [
          "null_match",
          "double_match",
          "string_match",
          "bool_match",
          "present_match",
          "list_match",
          "or_match",
        ],
        required: true,
      },
    ],
  },
);

const pathSegment: Decoder<{ readonly key: string }> = message<{ readonly key: string }>(
  `${matchers}.MetadataMatcher.PathSegment`,
  { key: required(string({ minLen: 1 })) },
);

export const metadataMatcher: Decoder<MetadataMatcher> = message<MetadataMatcher>(
  `${matchers}.MetadataMatcher`,
  {
    filter: required(string({ minLen: 1 })),
    path: repeated(pathSegment, { minItems: 1 }),
    value: required(valueMatcher),
    invert: flag(),
  },
);
