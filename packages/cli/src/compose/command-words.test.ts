import { expect, test } from "vitest";
import { splitCommand } from "./command-words.ts";

test.each([
  ["tracemesh envoy -c a.yaml", ["tracemesh", "envoy", "-c", "a.yaml"]],
  ["  a\t b\n", ["a", "b"]],
  [`sh -c "echo 'x y'"`, ["sh", "-c", "echo 'x y'"]],
  [`a '' "" b`, ["a", "", "", "b"]],
  [`a\\ b c"d e"f`, ["a b", "cd ef"]],
  [`"a\\"b" '\\n'`, [`a"b`, "\\n"]],
])("splits %j", (text, words) => {
  expect(splitCommand(text)).toEqual(words);
});

test("refuses a quote that is never closed", () => {
  expect(() => splitCommand(`a "b`)).toThrow('the closing " is missing in: a "b');
});
