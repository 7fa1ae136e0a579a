/** Tests of request headers. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-headermatcher */
import type { HeaderMatcher } from "../config/header-matcher.ts";
import type { HeaderMap } from "../http/header-map.ts";
import { requestHeaderName } from "./header-name.ts";
import { compileFullMatch, compileStringMatcher, type StringTest } from "./string-matcher.ts";

export type HeadersTest = (headers: HeaderMap) => boolean;

/** All of them have to hold. */
export function compileHeaderMatchers(matchers: readonly HeaderMatcher[]): HeadersTest | undefined {
  if (matchers.length === 0) return undefined;
  const tests = matchers.map(compileHeaderMatcher);
  const [only] = tests;
  if (tests.length === 1 && only !== undefined) return only;
  return (headers) => tests.every((test) => test(headers));
}

export function compileHeaderMatcher(matcher: HeaderMatcher): HeadersTest {
  const { invertMatch } = matcher;
  const name = requestHeaderName(matcher.name);
  const test = compileValueTest(matcher);
  if (test === undefined) {
    // present_match: false asks for absence; without any specifier presence is asked for.
    const wanted = (matcher.presentMatch ?? true) !== invertMatch;
    if (matcher.treatMissingHeaderAsEmpty) return () => wanted;
    return (headers) => headers.has(name) === wanted;
  }
  return (headers) => {
    // Repeated lines are compared one by one, any of them will do.
    const { lines } = headers;
    let seen = false;
    for (let i = 0; i < lines.length; i += 2) {
      if (lines[i] !== name) continue;
      seen = true;
      if (test(lines[i + 1] as string)) return !invertMatch;
    }
    if (seen) return invertMatch;
    if (matcher.treatMissingHeaderAsEmpty) return test("") !== invertMatch;
    // An absent header fails the test, inverted or not.
    return false;
  };
}

function compileValueTest(matcher: HeaderMatcher): StringTest | undefined {
  if (matcher.stringMatch !== undefined) return compileStringMatcher(matcher.stringMatch);
  if (matcher.rangeMatch !== undefined) {
    const { start, end } = matcher.rangeMatch;
    return (value) => {
      if (!/^[+-]?\d+$/.test(value)) return false;
      const number = Number(value);
      return number >= start && number < end;
    };
  }
  if (matcher.safeRegexMatch !== undefined) return compileFullMatch(matcher.safeRegexMatch);
  if (matcher.exactMatch !== undefined) {
    const { exactMatch } = matcher;
    // Any value will do for the deprecated empty exact_match.
    return exactMatch === "" ? () => true : (value) => value === exactMatch;
  }
  if (matcher.prefixMatch !== undefined) {
    const { prefixMatch } = matcher;
    return (value) => value.startsWith(prefixMatch);
  }
  if (matcher.suffixMatch !== undefined) {
    const { suffixMatch } = matcher;
    return (value) => value.endsWith(suffixMatch);
  }
  if (matcher.containsMatch !== undefined) {
    const { containsMatch } = matcher;
    return (value) => value.includes(containsMatch);
  }
  return undefined;
}
