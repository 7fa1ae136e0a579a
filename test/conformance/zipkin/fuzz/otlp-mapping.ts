import type { OtlpAttribute, OtlpBatch, OtlpSpan, OtlpValue } from "./otlp-spans.ts";

/** What a batch becomes, by https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/ but for addresses: those the test leaves to others. */
export interface ExpectedSpan {
  readonly id: string;
  readonly kind: string | undefined;
  readonly name: string | undefined;
  readonly timestamp: number;
  readonly duration: number;
  readonly serviceName: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly annotations: readonly { readonly timestamp: number; readonly value: string }[];
}

const kinds = [undefined, undefined, "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];

export function expectedOf(batch: OtlpBatch, span: OtlpSpan): ExpectedSpan {
  const service = batch.resource.find(([key]) => key === "service.name")?.[1];
  const serviceName = service === undefined ? "unknown_service" : textOf(service).toLowerCase();
  const tags = new Map<string, string>();
  for (const [key, value] of [...batch.resource, ...span.attributes]) tags.set(key, textOf(value));
  // The service is the local endpoint; "error" says what the status says, and nothing else.
  const ownName = span.attributes.find(([key]) => key === "service.name")?.[1];
  if (ownName === undefined) tags.delete("service.name");
  tags.delete("error");
  if (batch.scopeName !== "") tags.set("otel.scope.name", batch.scopeName);
  if (batch.scopeVersion !== "") tags.set("otel.scope.version", batch.scopeVersion);
  if (span.statusCode === 1) tags.set("otel.status_code", "OK");
  if (span.statusCode === 2) {
    tags.set("otel.status_code", "ERROR");
    tags.set("error", span.statusMessage);
  }
  return {
    id: span.id,
    kind: kinds[span.kind],
    name: span.name === "" ? undefined : span.name.toLowerCase(),
    timestamp: Number(span.startNanos / 1000n),
    duration: durationOf(span),
    serviceName: serviceName === "" ? undefined : serviceName,
    tags: Object.fromEntries(tags),
    annotations: span.events
      .map(({ name, nanos, attributes }) => ({
        timestamp: Number(nanos / 1000n),
        value: attributes.length === 0 ? name : `${JSON.stringify(name)}: ${objectOf(attributes)}`,
      }))
      .toSorted((left, right) => left.timestamp - right.timestamp),
  };
}

/** Microseconds, to the nearest; a span that ended took at least one. */
function durationOf({ lengthNanos }: OtlpSpan): number {
  const micros = Number((lengthNanos + 500n) / 1000n);
  return micros === 0 ? 1 : micros;
}

function objectOf(attributes: readonly OtlpAttribute[]): string {
  return JSON.stringify(Object.fromEntries(attributes.map(([key, value]) => [key, plain(value)])));
}

function textOf(value: OtlpValue): string {
  const found = plain(value);
  return typeof found === "string" ? found : JSON.stringify(found);
}

function plain(value: OtlpValue): unknown {
  switch (value.kind) {
    case "int":
      return Number.isSafeInteger(Number(value.value)) ? Number(value.value) : String(value.value);
    case "array":
      return value.value.map(plain);
    default:
      return value.value;
  }
}
