/** Brings an outcome into a form in which two runs of the same behaviour are equal. */
import type {
  CaseDefinition,
  DecodedSpan,
  HeaderLines,
  Outcome,
  SeenRequest,
  SeenResponse,
} from "./recorded-case.ts";
import { createVolatileValues, type VolatileValues } from "./volatile-values.ts";

export interface NormaliseOptions {
  /** Compare the order of header lines too. */
  readonly strictOrder: boolean;
}

export function normalise(
  definition: CaseDefinition,
  outcome: Outcome,
  options: NormaliseOptions,
): Readonly<Record<string, unknown>> {
  if (definition.expectExit) return normaliseExit(definition, outcome);
  const values = createVolatileValues(definition, outcome);
  const context: Context = { definition, values, options };
  // The order of these lines is the order in which ids get their names.
  const seen = definition.ignoreUpstream ? [] : (outcome.upstreamSaw ?? []);
  const upstreamSaw = inOrder(definition, seen).map((request) =>
    normaliseRequest(request, context),
  );
  const sent = outcome.responses ?? [];
  const responses = sent.map((response, at) => normaliseResponse(response, at, context));
  const afterResponses = outcome.afterResponses?.map((response, at) =>
    normaliseResponse(response, sent.length + at, context),
  );
  const spans = normaliseSpans(outcome.spans ?? [], values);
  const posts = outcome.collectorPosts ?? [];
  return {
    upstreamSaw,
    responses,
    afterResponses,
    spans,
    collectorPosts:
      definition.compareCollectorPosts &&
      posts.map(({ server, method, path, spanCount, headers }) => ({
        server,
        method,
        path,
        spanCount,
        headers: normaliseHeaders(headers, ["content-length"], context),
      })),
    accessLog: definition.hasAccessLog && outcome.accessLog?.map(values.named),
  };
}

interface Context {
  readonly definition: CaseDefinition;
  readonly values: VolatileValues;
  readonly options: NormaliseOptions;
}

function normaliseExit(
  definition: CaseDefinition,
  outcome: Outcome,
): Readonly<Record<string, unknown>> {
  const stderr = outcome.stderr ?? "";
  return {
    failed: outcome.exit !== 0,
    exited: outcome.exit !== "still-running",
    mentions: definition.stderrNeedles?.filter((needle) => stderr.includes(needle)),
    stdout:
      definition.compareStdout &&
      (outcome.stdout ?? "").trim().replace(/'[^']*\.yaml'/, "'<config>'"),
  };
}

function inOrder(definition: CaseDefinition, seen: readonly SeenRequest[]): readonly SeenRequest[] {
  return definition.unorderedUpstream ? seen.toSorted((a, b) => compare(a.server, b.server)) : seen;
}

function normaliseRequest(request: SeenRequest, context: Context): unknown {
  const { headers, path, trailers, ...rest } = request;
  return {
    ...rest,
    headers: normaliseHeaders(headers, context.definition.ignoreRequestHeaders ?? [], context),
    path: context.values.named(path),
    trailers: trailers && normaliseHeaders(trailers, [], context),
  };
}

/** `at` counts all answers of the case, those of `after` last. */
function normaliseResponse(response: SeenResponse, at: number, context: Context): unknown {
  const { definition, values } = context;
  const { headers, trailers, body, elapsedMs, bytes: _, ...rest } = response;
  const ignored = definition.ignoreResponseHeaders ?? [];
  const needles = definition.bodyNeedles?.[at];
  const lines = definition.bodyLines?.[at];
  // Where only parts of a body are compared its length is not.
  const skipped = needles || lines ? [...ignored, "content-length"] : ignored;
  const [least, most] = definition.elapsed ?? [0, Number.POSITIVE_INFINITY];
  return {
    ...rest,
    headers: headers && normaliseHeaders(headers, skipped, context),
    trailers: trailers && normaliseHeaders(trailers, [], context),
    body: normaliseBody(
      body,
      { needles, lines, isIgnored: definition.ignoreBody?.includes(at) ?? false },
      values,
    ),
    elapsedInRange: elapsedMs === undefined ? undefined : elapsedMs >= least && elapsedMs <= most,
  };
}

function normaliseBody(
  body: string | undefined,
  compared: {
    readonly needles: readonly string[] | undefined;
    readonly lines: string | undefined;
    readonly isIgnored: boolean;
  },
  values: VolatileValues,
): unknown {
  if (compared.needles) return compared.needles.filter((needle) => body?.includes(needle));
  if (compared.lines) {
    const wanted = new RegExp(compared.lines);
    return (body ?? "")
      .split("\n")
      .filter((line) => wanted.test(line))
      .sort()
      .map(values.plain);
  }
  return compared.isIgnored || body === undefined ? undefined : values.named(body);
}

function normaliseHeaders(
  headers: HeaderLines,
  ignored: readonly string[],
  context: Context,
): unknown {
  const kept = headers.filter(([key]) => !ignored.includes(key.toLowerCase()));
  const ordered = context.options.strictOrder ? kept : kept.toSorted(([a], [b]) => compare(a, b));
  return ordered.map(([key, value]) => {
    const isServiceTime = key.toLowerCase() === "x-envoy-upstream-service-time";
    return [key, isServiceTime && /^\d+$/.test(value) ? "<ms>" : context.values.named(value)];
  });
}

/** Spans arrive in any order: sorted by what they say without ids, then by time. */
function normaliseSpans(spans: readonly DecodedSpan[], values: VolatileValues): unknown[] {
  return spans
    .map((span) => ({
      shape: shapeOf(span, values),
      timestamp: Number(span["timestamp"]),
      key: JSON.stringify(mapStrings(shapeOf(span, values), values.anonymous)),
    }))
    .sort((a, b) => compare(a.key, b.key) || a.timestamp - b.timestamp)
    .map(({ shape }) => mapStrings(shape, values.named));
}

/** Later than 2001, in microseconds or nanoseconds. */
const isClock = (value: unknown) => Number.isFinite(Number(value)) && Number(value) > 1e15;

function shapeOf(span: DecodedSpan, values: VolatileValues): DecodedSpan {
  const shape: Record<string, unknown> = { ...span };
  if (isClock(span["timestamp"])) shape["timestamp"] = "<time>";
  if (span["endTimestamp"] !== undefined) {
    const isAfterStart = Number(span["endTimestamp"]) >= Number(span["timestamp"]);
    shape["endTimestamp"] = isAfterStart ? "<time>" : "before the start";
  }
  if (Number(span["duration"]) > 0) shape["duration"] = "<duration>";
  if (Array.isArray(span["annotations"])) {
    shape["annotations"] = span["annotations"].map((annotation: DecodedSpan) => ({
      ...annotation,
      timestamp: isClock(annotation["timestamp"]) ? "<time>" : annotation["timestamp"],
    }));
  }
  for (const side of ["localEndpoint", "remoteEndpoint"]) {
    const endpoint = span[side] as DecodedSpan | undefined;
    if (endpoint?.["port"]) {
      shape[side] = { ...endpoint, port: values.portName(String(endpoint["port"])) };
    }
  }
  return shape;
}

function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === "string") return map(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, map));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => compare(a, b));
  return Object.fromEntries(entries.map(([key, item]) => [key, mapStrings(item, map)]));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
