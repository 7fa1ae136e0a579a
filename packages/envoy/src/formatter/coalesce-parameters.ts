/** What stands between the parentheses of %COALESCE(...)%: JSON, so that operators with parameters fit in it. */
import { FormatError } from "./formatter.ts";

export interface CoalescedOperator {
  readonly command: string;
  readonly parameter: string | undefined;
  readonly length: number | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

export function coalesced(text: string): readonly CoalescedOperator[] {
  const { operators } = parse(text);
  if (operators === undefined)
    throw new FormatError("COALESCE: JSON configuration must contain 'operators' array");
  if (!Array.isArray(operators))
    throw new FormatError(
      "COALESCE: 'operators' must be an array: key 'operators' missing or not an array from lines 1-1",
    );
  if (operators.length === 0)
    throw new FormatError("COALESCE: 'operators' array must not be empty");
  return operators.map((entry: unknown, at) => {
    try {
      return readEntry(entry);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new FormatError(`COALESCE: failed to parse operator at index ${at}: ${error.message}`);
    }
  });
}

/** Anything but an object has no fields. */
function parse(text: string): Fields {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : {};
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FormatError(
      `COALESCE: failed to parse JSON configuration: JSON supplied is not valid. ${reason}`,
    );
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readEntry(entry: unknown): CoalescedOperator {
  if (typeof entry === "string") return { command: entry, parameter: undefined, length: undefined };
  if (!isObject(entry))
    throw new FormatError(
      "operator entry must be either a string (command name) or an object with 'command' field",
    );
  const { command, param, max_length: length } = entry;
  if (typeof command !== "string")
    throw new FormatError(
      "operator object must have 'command' field: key 'command' missing or not a string from lines 1-1",
    );
  if (param !== undefined && typeof param !== "string")
    throw new FormatError(
      "'param' field must be a string: key 'param' missing or not a string from lines 1-1",
    );
  if (length !== undefined && !Number.isInteger(length))
    throw new FormatError(
      "'max_length' field must be an integer: key 'max_length' missing or not an integer from lines 1-1",
    );
  if (typeof length === "number" && length <= 0)
    throw new FormatError("'max_length' must be a positive integer");
  return { command, parameter: param, length: typeof length === "number" ? length : undefined };
}
