import {
  B3_FIELDS,
  type Extracted,
  extractB3,
  extractB3Multi,
  FORWARDING_PRESETS,
  type ForwardingPreset,
  forwardedHeaders,
  isTraceContextField,
  nodeHttpGetter,
  parseB3Single,
  parseTraceparent,
  parseTraceReason,
  X_REQUEST_ID,
} from "@tracemesh/propagation";
import { createStyles, printable, type Styles, wantsColours } from "../terminal/styles.ts";

export interface HeadersOptions {
  readonly preset: ForwardingPreset;
  readonly forward: readonly string[];
}

// More than any server accepts; a file given by mistake is refused, not swallowed.
const maxInputChars = 1_048_576;

/** `tracemesh headers`: what the parsers make of the headers of a request, and what a service would hand on. */
export async function headers(lines: readonly string[], options: HeadersOptions): Promise<number> {
  const text = lines.length > 0 ? lines.join("\n") : await readInput(process.stdin);
  const styles = createStyles(wantsColours(process.env, process.stdout.isTTY));
  process.stdout.write(`${explainHeaders(parseHeaderLines(text), options, styles).join("\n")}\n`);
  return 0;
}

/**
 * Header lines as `rawHeaders`: name, value, name, value. Request lines, `curl -v` prefixes and empty lines are passed over.
 * Throws an Error that quotes the line that is none.
 */
export function parseHeaderLines(text: string): readonly string[] {
  const raw: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const bare = line.replace(/^[<>] /, "").trim();
    if (bare === "" || bare === ">" || /^(?:[A-Z]+ \S+ HTTP\/|HTTP\/\d)/.test(bare)) continue;
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(.*)$/.exec(bare);
    if (match?.[1] === undefined) {
      throw new Error(`"name: value" is expected, got ${JSON.stringify(bare.slice(0, 100))}`);
    }
    raw.push(match[1], match[2] ?? "");
  }
  return raw;
}

export function explainHeaders(
  rawHeaders: readonly string[],
  options: HeadersOptions,
  styles: Styles,
): readonly string[] {
  const carrier = { rawHeaders };
  const single = nodeHttpGetter(carrier, "b3");
  const requestId = nodeHttpGetter(carrier, X_REQUEST_ID);
  const multiPresent = B3_FIELDS.some(
    (name) => name !== "b3" && nodeHttpGetter(carrier, name) !== undefined,
  );
  const readings = [
    ["b3", single === undefined ? "absent" : describe(parseB3Single(single))],
    ["x-b3-*", multiPresent ? describe(extractB3Multi(carrier, nodeHttpGetter)) : "absent"],
    ["B3 as a whole", describe(extractB3(carrier, nodeHttpGetter))],
    ["traceparent", describeTraceparent(rawHeaders)],
    [X_REQUEST_ID, requestId === undefined ? "absent" : describeRequestId(requestId)],
  ];
  const forwarded = forwardedHeaders(carrier, nodeHttpGetter, {
    preset: options.preset,
    headers: options.forward,
  });
  return [
    styles.bold("Read as"),
    ...readings.map(([what = "", text]) => `  ${what.padEnd(14)} ${text}`),
    "",
    styles.bold(`Forwarded (preset ${options.preset})`),
    ...orNothing(Object.entries(forwarded).map(([name, value]) => `${name}: ${printable(value)}`)),
    "",
    styles.bold("Not forwarded"),
    ...orNothing(notForwarded(rawHeaders, forwarded)),
  ];
}

export function isPreset(name: string): name is ForwardingPreset {
  return Object.hasOwn(FORWARDING_PRESETS, name);
}

function describe(extracted: Extracted | undefined): string {
  if (extracted === undefined) return "malformed, ignored";
  if (extracted.kind === "empty") return "no context";
  if (extracted.kind === "sampling-only") return `a decision without ids: ${extracted.sampling}`;
  const { traceId, spanId, parentId, sampling } = extracted.context;
  const parts = [`trace ${traceId} (${traceId.length * 4} bit)`, `span ${spanId}`];
  parts.push(parentId === undefined ? "no parent" : `parent ${parentId}`);
  parts.push(sampling === "unset" ? "undecided" : sampling);
  return parts.join(", ");
}

/** W3C counts a repeated traceparent as none, so all values are looked at. */
function describeTraceparent(rawHeaders: readonly string[]): string {
  const values = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === "traceparent",
  );
  if (values.length === 0) return "absent";
  const parsed = parseTraceparent(values);
  if (parsed === undefined) return "malformed or repeated, ignored";
  const { traceId, spanId, sampled, random } = parsed;
  const decision = sampled ? "sampled" : "not-sampled";
  return `trace ${traceId}, span ${spanId}, ${decision}${random ? ", random" : ""}`;
}

function describeRequestId(value: string): string {
  const reason = parseTraceReason(value);
  const meaning = reason ?? "no UUID that carries a trace reason; forwarded all the same";
  return `${printable(value)}: ${meaning}`;
}

function notForwarded(
  rawHeaders: readonly string[],
  forwarded: Readonly<Record<string, string>>,
): readonly string[] {
  const seen = new Set<string>();
  const lines: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase();
    const value = rawHeaders[index + 1] ?? "";
    const repeated = seen.has(name);
    seen.add(name);
    if (Object.hasOwn(forwarded, name) && !repeated) continue;
    lines.push(`${name}: ${printable(value)}  (${whyNot(name, value, repeated)})`);
  }
  return lines;
}

function whyNot(name: string, value: string, repeated: boolean): string {
  if (value.trim() === "") return "empty";
  if (repeated) return "repeated: the first value counts";
  return isTraceContextField(name) ? "not in this preset" : "no trace header";
}

function orNothing(lines: readonly string[]): readonly string[] {
  return (lines.length > 0 ? lines : ["nothing"]).map((line) => `  ${line}`);
}

async function readInput(input: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const chunk of input) {
    text += String(chunk);
    if (text.length > maxInputChars)
      throw new Error(`more than ${maxInputChars} characters on stdin`);
  }
  return text;
}
