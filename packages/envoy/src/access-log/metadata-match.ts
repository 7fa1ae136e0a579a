/** Tests of one value in the metadata that filters left. */
import type { DoubleMatcher, MetadataMatcher, ValueMatcher } from "../config/metadata-matcher.ts";
import { readMetadata } from "../formatter/metadata-value.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import { compileStringMatcher } from "../routing/string-matcher.ts";

type ValueTest = (value: unknown) => boolean;

/** `ifMissing` is the answer where there is no such value. */
export function compileMetadataMatch(
  { filter, path, value, invert }: MetadataMatcher,
  ifMissing: boolean,
): (info: StreamInfo) => boolean {
  const keys = path.map(({ key }) => key);
  const test = compileValueMatcher(value);
  return ({ dynamicMetadata }) => {
    const found = readMetadata(dynamicMetadata, filter, keys);
    return found === undefined ? ifMissing : test(found) !== invert;
  };
}

function compileValueMatcher(matcher: ValueMatcher): ValueTest {
  const { doubleMatch, stringMatch, boolMatch, presentMatch, listMatch, orMatch } = matcher;
  if (matcher.nullMatch !== undefined) return (value) => value === null;
  if (doubleMatch !== undefined) return compileDouble(doubleMatch);
  if (stringMatch !== undefined) {
    const test = compileStringMatcher(stringMatch);
    return (value) => typeof value === "string" && test(value);
  }
  if (boolMatch !== undefined) return (value) => value === boolMatch;
  if (presentMatch !== undefined) return (value) => (value !== null) === presentMatch;
  if (listMatch?.oneOf !== undefined) {
    const test = compileValueMatcher(listMatch.oneOf);
    return (value) => Array.isArray(value) && value.some(test);
  }
  const tests = (orMatch?.valueMatchers ?? []).map(compileValueMatcher);
  return (value) => tests.some((test) => test(value));
}

function compileDouble({ range, exact }: DoubleMatcher): ValueTest {
  if (range === undefined) return (value) => value === exact;
  const { start = 0, end = 0 } = range;
  return (value) => typeof value === "number" && value >= start && value < end;
}
