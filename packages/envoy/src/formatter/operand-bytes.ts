import type { Operand } from "./formatter.ts";
import { structJson } from "./struct-json.ts";
import { utf8Bytes } from "./utf8-bytes.ts";

/** What stands for a value in a line of text, as bytes, one a character. Strings are that already. */
export function operandBytes(value: Exclude<Operand, undefined>): string {
  if (typeof value === "string") return value;
  return typeof value === "object" ? utf8Bytes(structJson(value)) : String(value);
}
