/**
 * Format strings with command operators, as in header additions, access logs and span names.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators
 */
import type { StreamInfo } from "../http/stream-info.ts";
import { headerText } from "../tracing/header-text.ts";
import { type Command, FormatError, type Formatter } from "./formatter.ts";
import { operandBytes } from "./operand-bytes.ts";
import { compileOperator } from "./operators.ts";
import { utf8Bytes } from "./utf8-bytes.ts";

/** `%NAME%`, `%NAME(parameters)%`, `%NAME(parameters):length%` */
const command = /%([A-Z0-9_]+)(?:\((.*?)\))?(?::([0-9]+))?%/y;

const maxUint64 = 2n ** 64n - 1n;

/** `missing` stands for values that are not there: nothing in header additions, `-` in access logs. */
export function compileFormat(text: string, missing = ""): Formatter {
  const parts = splitFormat(text);
  const [first = ""] = parts;
  const format = (info: StreamInfo): string => {
    let line = "";
    for (const part of parts) line += bytesOf(part, info, missing);
    return line;
  };
  return { format: parts.length > 1 ? format : (info) => bytesOf(first, info, missing), parts };
}

/** For names and tags of spans: what is not there is left out, bytes that came in headers are read as UTF-8. */
export function compileTextFormat(text: string): (info: StreamInfo) => string {
  const formatter = compileFormat(text);
  return (info) => headerText(formatter.format(info));
}

/** Text and operators in turn; neighbouring text is one part. */
function splitFormat(text: string): (string | Command)[] {
  const parts: (string | Command)[] = [];
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
    if (literal !== "") parts.push(utf8Bytes(literal));
    literal = "";
    command.lastIndex = percent;
    const match = command.exec(text);
    if (match === null || BigInt(match[3] ?? 0) > maxUint64)
      throw new FormatError(
        `Incorrect configuration: ${text}. Couldn't find valid command at position ${Buffer.byteLength(text.slice(0, percent))}`,
      );
    const [whole, name = "", parameters, length] = match;
    const maxLength = length === undefined ? undefined : Number(length);
    parts.push({ operator: compileOperator(name, parameters, maxLength), maxLength });
    at = percent + whole.length;
  }
  if (literal !== "") parts.push(utf8Bytes(literal));
  return parts;
}

/** What a part comes to in a line of text. */
export function bytesOf(part: string | Command, info: StreamInfo, missing: string): string {
  if (typeof part === "string") return part;
  const value = part.operator(info);
  if (value === undefined) return missing;
  return typeof value === "string" ? value : operandBytes(value).slice(0, part.maxLength);
}
