/**
 * Format strings with command operators, as in header additions, access logs and span names.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators
 */
import type { StreamInfo } from "../http/stream-info.ts";
import { headerText } from "../tracing/header-text.ts";
import { FormatError, type Formatter, type Operand, type Operator } from "./formatter.ts";
import { compileOperator } from "./operators.ts";
import { structJson } from "./struct-json.ts";

export interface FormatOptions {
  /** Stands for a missing value: nothing in header additions, `-` in access logs. */
  readonly missing: string;
  /**
   * What the result is: bytes, one a character, as codecs have header values (for header additions and log lines); or text, in which
   * bytes that came in headers are read as UTF-8 (for span names and tags).
   */
  readonly result: "bytes" | "text";
}

const forHeaders: FormatOptions = { missing: "", result: "bytes" };

/** `%NAME%`, `%NAME(parameters)%`, `%NAME(parameters):length%` */
const command = /%([A-Z0-9_]+)(?:\((.*?)\))?(?::([0-9]+))?%/y;

export function compileFormat(text: string, options: FormatOptions = forHeaders): Formatter {
  const bytes = options.result === "bytes";
  const parts = splitFormat(text, bytes ? (value) => value : headerText);
  const encoded = bytes
    ? parts.map((part) => (typeof part === "string" ? Buffer.from(part).toString("latin1") : part))
    : parts;
  return createFormatter(encoded, options.missing);
}

/** Text and operators in turn; neighbouring text is one part. */
function splitFormat(text: string, readHeader: (value: string) => string): (string | Operator)[] {
  const parts: (string | Operator)[] = [];
  let literal = "";
  let at = 0;
  while (at < text.length) {
    const percent = text.indexOf("%", at);
    if (percent < 0) {
      literal += text.slice(at);
      break;
    }
    literal += text.slice(at, percent);
    if (text[percent + 1] === "%") {
      literal += "%";
      at = percent + 2;
      continue;
    }
    if (literal !== "") parts.push(literal);
    literal = "";
    command.lastIndex = percent;
    const match = command.exec(text);
    if (match === null)
      throw new FormatError(
        `Incorrect configuration: ${text}. Couldn't find valid command at position ${percent}`,
      );
    const [whole, name = "", parameters, length] = match;
    const maxLength = length === undefined ? undefined : Number(length);
    parts.push(compileOperator(name, parameters, maxLength, readHeader));
    at = percent + whole.length;
  }
  if (literal !== "") parts.push(literal);
  return parts;
}

function createFormatter(parts: readonly (string | Operator)[], missing: string): Formatter {
  const [first = ""] = parts;
  if (parts.length <= 1) return typeof first === "string" ? fixed(first) : single(first, missing);
  const format = (info: StreamInfo): string => {
    let text = "";
    for (const part of parts) text += typeof part === "string" ? part : textOf(part(info), missing);
    return text;
  };
  return { format, value: format, fixed: undefined };
}

function fixed(text: string): Formatter {
  return { format: () => text, value: () => text, fixed: text };
}

function single(operator: Operator, missing: string): Formatter {
  return { format: (info) => textOf(operator(info), missing), value: operator, fixed: undefined };
}

function textOf(value: Operand, missing: string): string {
  if (typeof value === "string") return value;
  if (value === undefined) return missing;
  return typeof value === "object" ? structJson(value) : String(value);
}
