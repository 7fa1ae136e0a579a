// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax under test
import { expect, test } from "vitest";
import { interpolate } from "./interpolation.ts";

const values: Readonly<Record<string, string>> = { SET: "value", EMPTY: "" };
const variables = (name: string): string | undefined => values[name];

// The table of https://docs.docker.com/reference/compose-file/interpolation/
test.each([
  ["no variable", "no variable"],
  ["$SET-x", "value-x"],
  ["${SET}x", "valuex"],
  ["$UNSET.", "."],
  ["${UNSET:-default}", "default"],
  ["${EMPTY:-default}", "default"],
  ["${EMPTY-default}", ""],
  ["${SET:-default}", "value"],
  ["${UNSET:-${SET}}", "value"],
  ["${UNSET:-${ALSO_UNSET:-deep}}", "deep"],
  ["${SET:+replacement}", "replacement"],
  ["${EMPTY:+replacement}", ""],
  ["${EMPTY+replacement}", "replacement"],
  ["${SET:?must be set}", "value"],
  ["$$SET and $${SET}", "$SET and ${SET}"],
  ["http://zipkin:${PORT:-9411}/api", "http://zipkin:9411/api"],
])("%s becomes %s", (text, expected) => {
  expect(interpolate(text, variables)).toBe(expected);
});

test.each([
  ["${UNSET:?set it to a port}", "the variable UNSET is required: set it to a port"],
  ["${EMPTY:?}", "the variable EMPTY is required"],
  ["${SET", 'invalid variable "${SET": the closing "}" is missing'],
  ["${}", 'invalid variable "${}": a variable name is expected'],
  ["${SET/x}", 'invalid variable "${SET/x}": after the name only :- - :? ? :+ + are allowed'],
  ["5$", 'invalid variable "$": write $$ for a plain dollar sign'],
])("%s is refused", (text, message) => {
  expect(() => interpolate(text, variables)).toThrow(message);
});
