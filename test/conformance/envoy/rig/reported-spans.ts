/** The spans in a report, whatever its format, as plain objects in the form that the case files hold. */
import { ProtobufMessage } from "./protobuf-reader.ts";
import type { DecodedSpan } from "./recorded-case.ts";

export function decodeReport(
  path: string,
  contentType: string,
  body: Buffer,
): readonly DecodedSpan[] {
  // A gRPC message: one byte of flags, four of length.
  if (path.includes("TraceService/Export")) return decodeOtlp(body.subarray(5));
  if (path.includes("/v1/traces")) return decodeOtlp(body);
  if (contentType.includes("protobuf")) return decodeZipkinProto(body);
  return JSON.parse(body.toString("utf8")) as DecodedSpan[];
}

const zipkinKinds = [undefined, "CLIENT", "SERVER", "PRODUCER", "CONSUMER"];

/** https://github.com/openzipkin/zipkin-api/blob/master/zipkin.proto */
function decodeZipkinProto(body: Buffer): DecodedSpan[] {
  return new ProtobufMessage(body).messages(1).map((span) => {
    const tags = Object.fromEntries(
      span.messages(11).map((tag) => [tag.text(1) ?? "", tag.text(2) ?? ""]),
    );
    const annotations = span
      .messages(10)
      .map((annotation) => present({ timestamp: annotation.number(1), value: annotation.text(2) }));
    return present({
      traceId: span.hex(1),
      parentId: span.hex(2),
      id: span.hex(3),
      kind: zipkinKinds[span.number(4) ?? 0],
      name: span.text(5),
      timestamp: span.number(6),
      duration: span.number(7),
      localEndpoint: zipkinEndpoint(span.message(8)),
      remoteEndpoint: zipkinEndpoint(span.message(9)),
      annotations: annotations.length > 0 ? annotations : undefined,
      tags: Object.keys(tags).length > 0 ? tags : undefined,
      debug: span.number(12) ? true : undefined,
      shared: span.number(13) ? true : undefined,
    });
  });
}

function zipkinEndpoint(endpoint: ProtobufMessage | undefined): DecodedSpan | undefined {
  const ipv4 = endpoint?.bytes(2);
  return (
    endpoint &&
    present({
      serviceName: endpoint.text(1),
      ipv4: ipv4 && [...ipv4].join("."),
      ipv6: endpoint.hex(3),
      port: endpoint.number(4),
    })
  );
}

const otlpKinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];

/** https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto */
function decodeOtlp(body: Buffer): DecodedSpan[] {
  return new ProtobufMessage(body).messages(1).flatMap((resourceSpans) => {
    const resource = attributes(resourceSpans.message(1)?.messages(1) ?? []);
    return resourceSpans.messages(2).flatMap((scopeSpans) => {
      const scope = scopeSpans.message(1);
      const schemaUrl = resourceSpans.text(3) || scopeSpans.text(3) || undefined;
      return scopeSpans.messages(2).map((span) => ({
        ...otlpSpan(span),
        resource,
        scope: present({ name: scope?.text(1), version: scope?.text(2) }),
        ...present({ schemaUrl }),
      }));
    });
  });
}

function otlpSpan(span: ProtobufMessage): DecodedSpan {
  const status = span.message(15);
  return present({
    traceId: span.hex(1),
    id: span.hex(2),
    traceState: span.text(3),
    parentId: span.hex(4),
    name: span.text(5),
    kind: `OTLP_${otlpKinds[span.number(6) ?? 0]}`,
    timestamp: span.number(7),
    endTimestamp: span.number(8),
    attributes: attributes(span.messages(9)),
    events: span.messages(11).length || undefined,
    status: status && present({ code: status.number(3), message: status.text(2) }),
    flags: span.number(16),
  });
}

function attributes(pairs: readonly ProtobufMessage[]): DecodedSpan {
  return Object.fromEntries(pairs.map((pair) => [pair.text(1) ?? "", anyValue(pair.message(2))]));
}

/** A string stays a string; another type is told by its name, so that a wrong type shows as a difference. */
function anyValue(value: ProtobufMessage | undefined): unknown {
  const [field, raw] = value?.fields[0] ?? [];
  if (field === undefined || raw === undefined) return null;
  switch (field) {
    case 1:
      return (raw as Buffer).toString("utf8");
    case 2:
      return raw !== 0n;
    case 3:
      return { int: BigInt.asIntN(64, raw as bigint).toString() };
    default:
      return { field, raw: raw instanceof Buffer ? raw.toString("hex") : raw.toString() };
  }
}

function present(record: Readonly<Record<string, unknown>>): DecodedSpan {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
