/** Regular expressions, RE2 syntax in the file. https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/regex.proto */
import type { Decoder } from "./decode/decoder.ts";
import { required, withDefault } from "./decode/field.ts";
import { fieldPlace, message } from "./decode/message.ts";
import { string } from "./decode/scalars.ts";
import { translateRe2 } from "./re2.ts";

export interface RegexMatcher {
  /** As written. */
  readonly regex: string;
  /** The same expression for V8, not anchored: who asks for a whole match has to compare the match's length. */
  readonly compiled: RegExp;
}

/** `substitution` holds `\1` to `\9` and `\0`, as RE2 does. */
export interface RegexMatchAndSubstitute {
  readonly pattern: RegexMatcher;
  readonly substitution: string;
}

const asWritten = message<{ readonly regex: string }>(
  "envoy.type.matcher.v3.RegexMatcher",
  { regex: required(string({ minLen: 1 })) },
  { accepted: { google_re2: "RE2 is the only engine; its program size limit has no equal in V8" } },
);

export const regexMatcher: Decoder<RegexMatcher> = {
  ...asWritten,
  decode(node, at) {
    const decoded = asWritten.decode(node, at);
    if (decoded === undefined) return undefined;
    const { regex } = decoded;
    const translated = translateRe2(regex);
    if (translated.ok) {
      return { regex, compiled: new RegExp(translated.source, translated.flags) };
    }
    const message = `invalid regular expression: ${translated.error}`;
    at.field("regex").add("listeners", fieldPlace(node, "regex"), message, translated.error);
    return undefined;
  },
};

export const regexMatchAndSubstitute: Decoder<RegexMatchAndSubstitute> =
  message<RegexMatchAndSubstitute>("envoy.type.matcher.v3.RegexMatchAndSubstitute", {
    pattern: required(regexMatcher),
    substitution: withDefault(string({ header: "value" }), ""),
  });
