import type { Answer } from "./replay.ts";
import { MARK } from "./replay.ts";

/** The answer's body without what other replays on the same server may add to it. */
export function normaliseBody(path: string, { status, headers, text }: Answer): unknown {
  const value = parse(String(headers["content-type"] ?? ""), text);
  return status === 200 ? normaliseValue(path, value) : value;
}

export function normaliseValue(path: string, value: unknown): unknown {
  const name = (path.split("?")[0] ?? "").replace(/^\/zipkin/, "");
  if (!Array.isArray(value)) return value;
  const ours = value.filter((item) => JSON.stringify(item).includes(MARK));
  switch (name) {
    case "/api/v2/services":
    case "/api/v2/autocompleteValues":
      return ours;
    case "/api/v2/dependencies":
      return ours.map(withoutZero).toSorted(byText);
    case "/api/v2/traces":
    case "/api/v2/traceMany":
      return ours.map(sortSpans);
    default:
      return name.startsWith("/api/v2/trace/") ? sortSpans(value) : value;
  }
}

function parse(contentType: string, text: string): unknown {
  if (!contentType.includes("json") && !/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text; // an error text that begins like JSON
  }
}

/** An absent errorCount and zero mean the same. */
function withoutZero(link: unknown): unknown {
  if (typeof link !== "object" || link === null || !("errorCount" in link)) return link;
  const { errorCount, ...rest } = link;
  return errorCount === 0 ? rest : link;
}

/** The order of spans inside a trace is not promised. */
function sortSpans(trace: unknown): unknown {
  return Array.isArray(trace) ? trace.toSorted(byText) : trace;
}

function byText(left: unknown, right: unknown): number {
  const [a, b] = [canonical(left), canonical(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join()}}`;
}
