import { createSpan, putTag } from "../model/create-span.ts";
import { normaliseEndpoint } from "../model/endpoint.ts";
import type { Annotation, Endpoint, Kind, Span } from "../model/span.ts";

/** A value of an OpenTelemetry attribute, as JSON would hold it. Large integers are text. */
export type OtlpValue =
  | string
  | number
  | boolean
  | null
  | readonly OtlpValue[]
  | { readonly [key: string]: OtlpValue };

export type OtlpAttributes = ReadonlyMap<string, OtlpValue>;

/** Microseconds, and nanoseconds beyond them. */
export interface OtlpTime {
  readonly micros: number;
  readonly nanos: number;
}

export interface OtlpEvent {
  readonly time: OtlpTime;
  readonly name: string;
  readonly attributes: OtlpAttributes;
}

export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  /** SpanKind: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly start: OtlpTime;
  readonly end: OtlpTime;
  readonly attributes: OtlpAttributes;
  readonly events: readonly OtlpEvent[];
  /** 0 unset, 1 ok, 2 error. */
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly droppedAttributes: number;
  readonly droppedEvents: number;
}

/** What the spans of one resource and one instrumentation scope share. */
export interface OtlpOrigin {
  readonly resource: OtlpAttributes;
  readonly scopeName: string;
  readonly scopeVersion: string;
}

const zipkinKinds: readonly (Kind | undefined)[] = [
  undefined,
  undefined,
  "SERVER",
  "CLIENT",
  "PRODUCER",
  "CONSUMER",
];

const STATUS_OK = 1;
const STATUS_ERROR = 2;

/** https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/ */
export function otlpToZipkin(span: OtlpSpan, origin: OtlpOrigin): Span {
  const kind = zipkinKinds[span.kind];
  const calls = kind === "CLIENT" || kind === "PRODUCER";
  return createSpan({
    traceId: span.traceId === "" ? undefined : span.traceId,
    id: span.spanId === "" ? undefined : span.spanId,
    parentId: span.parentSpanId === "" ? undefined : span.parentSpanId,
    kind,
    name: span.name,
    timestamp: span.start.micros,
    duration: durationOf(span),
    localEndpoint: localEndpoint(origin.resource),
    remoteEndpoint: calls ? remoteEndpoint(span.attributes) : undefined,
    annotations: span.events.map(toAnnotation),
    tags: tagsOf(span, origin),
  });
}

/** At least 1: a span that ended has a duration, and Zipkin takes 0 for none. */
function durationOf({ start, end }: OtlpSpan): number {
  const nanos = (end.micros - start.micros) * 1000 + (end.nanos - start.nanos);
  if (end.micros === 0 || nanos < 0) return 0;
  return Math.max(1, Math.round(nanos / 1000));
}

function localEndpoint(resource: OtlpAttributes): Endpoint | undefined {
  const name = resource.get("service.name");
  return normaliseEndpoint({ serviceName: name === undefined ? "unknown_service" : toText(name) });
}

/** The first of these that is there names the other side; the second of a pair is its port. */
const remoteNames: readonly (readonly [string, string?])[] = [
  ["peer.service"],
  ["server.address"],
  ["net.peer.name"],
  ["network.peer.address", "network.peer.port"],
  ["server.socket.domain"],
  ["server.socket.address", "server.socket.port"],
  ["net.sock.peer.name"],
  ["net.sock.peer.addr", "net.sock.peer.port"],
  ["peer.hostname"],
  ["peer.address"],
  ["db.name"],
];

function remoteEndpoint(attributes: OtlpAttributes): Endpoint | undefined {
  for (const [nameKey, portKey] of remoteNames) {
    const name = attributes.get(nameKey);
    if (name === undefined || name === "") continue;
    const text = toText(name);
    if (portKey === undefined) return normaliseEndpoint({ serviceName: text });
    const port = Number(attributes.get(portKey) ?? 0);
    const address = normaliseEndpoint({
      ipv4: text,
      port: Number.isInteger(port) && port > 0 && port <= 65535 ? port : undefined,
    });
    return address?.ipv4 === undefined && address?.ipv6 === undefined
      ? normaliseEndpoint({ serviceName: text })
      : address;
  }
  return undefined;
}

function toAnnotation({ time, name, attributes }: OtlpEvent): Annotation {
  const value =
    attributes.size === 0
      ? name
      : `${JSON.stringify(name)}: ${JSON.stringify(Object.fromEntries(attributes))}`;
  return { timestamp: time.micros, value };
}

function tagsOf(span: OtlpSpan, origin: OtlpOrigin): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const [key, value] of origin.resource) {
    if (key !== "service.name" && key !== "") putTag(tags, key, toText(value));
  }
  for (const [key, value] of span.attributes) if (key !== "") putTag(tags, key, toText(value));
  const { scopeName, scopeVersion } = origin;
  if (scopeName !== "") tags["otel.scope.name"] = scopeName;
  if (scopeVersion !== "") tags["otel.scope.version"] = scopeVersion;
  if (span.traceState !== "") tags["w3c.tracestate"] = span.traceState;
  if (span.droppedAttributes > 0) {
    tags["otel.dropped_attributes_count"] = String(span.droppedAttributes);
  }
  if (span.droppedEvents > 0) tags["otel.dropped_events_count"] = String(span.droppedEvents);
  // The tag's mere presence means failure in Zipkin, so it follows the status and nothing else.
  delete tags["error"];
  if (span.statusCode === STATUS_OK) tags["otel.status_code"] = "OK";
  if (span.statusCode === STATUS_ERROR) {
    tags["otel.status_code"] = "ERROR";
    tags["error"] = span.statusMessage;
  }
  return tags;
}

function toText(value: OtlpValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
