import { DecodeError } from "../model/decode-error.ts";
import type { Span } from "../model/span.ts";
import { parseJsonExactly } from "./json-exact.ts";
import { asArray, NeedsExactNumbers } from "./json-fields.ts";

const SUFFIX = " reading List<Span> from json";

/**
 * Reads a JSON list with V8's parser, and once more with the exact one where that is not enough:
 * text after the closing bracket, numbers in place of text, numbers beyond 2^53.
 */
export function decodeJsonList(
  body: Buffer,
  decodeItem: (item: unknown, path: string, into: Span[]) => void,
): Span[] {
  const text = body.toString("utf8");
  try {
    return decodeQuickly(text, decodeItem) ?? decodeItems(parseJsonExactly(text), decodeItem);
  } catch (error) {
    if (error instanceof DecodeError) throw new DecodeError(error.message + SUFFIX);
    throw error;
  }
}

function decodeQuickly(
  text: string,
  decodeItem: (item: unknown, path: string, into: Span[]) => void,
): Span[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined; // the exact reader finds out what is wrong, and whether it matters
  }
  try {
    return decodeItems(parsed, decodeItem);
  } catch (error) {
    if (error instanceof NeedsExactNumbers) return undefined;
    throw error;
  }
}

function decodeItems(
  list: unknown,
  decodeItem: (item: unknown, path: string, into: Span[]) => void,
): Span[] {
  const spans: Span[] = [];
  const items = asArray(list, "$");
  for (let i = 0; i < items.length; i++) decodeItem(items[i], `$[${i}]`, spans);
  return spans;
}
