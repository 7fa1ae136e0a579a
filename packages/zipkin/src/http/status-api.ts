import type { TransportMetrics } from "../collector/metrics.ts";
import type { Exchange, ServerContext } from "./context.ts";
import { sendJson, sendText } from "./respond.ts";

/** The Zipkin version whose behaviour this server reproduces. */
const ZIPKIN_VERSION = "3.5.1";

/** Files to the real server, so it names their encoding; below /actuator in Spring's own type. */
function typeOf(path: string): string {
  const type = path.startsWith("/actuator/")
    ? "application/vnd.spring-boot.actuator.v2+json"
    : "application/json";
  return `${type}; charset=utf-8`;
}

/** Component names as the real server spells them, for whoever looks for them. */
const componentNames = { mem: "InMemoryStorage{}", sqlite: "SqliteStorage{}" } as const;

export async function getHealth(
  { storage }: ServerContext,
  { request, response, path }: Exchange,
): Promise<void> {
  const component = checkStorage(storage);
  const status = component.status;
  await sendJson(
    request,
    response,
    { status, zipkin: { status, details: { [componentNames[storage.kind]]: component } } },
    { status: status === "UP" ? 200 : 503, type: typeOf(path) },
  );
}

function checkStorage(storage: ServerContext["storage"]): {
  status: "UP" | "DOWN";
  details: Readonly<Record<string, unknown>>;
} {
  try {
    storage.check();
    return { status: "UP", details: { ...storage.usage() } };
  } catch (error) {
    return { status: "DOWN", details: { error: String(error) } };
  }
}

export async function getInfo(
  _: ServerContext,
  { request, response, path }: Exchange,
): Promise<void> {
  const info = { zipkin: { version: ZIPKIN_VERSION, commit: "tracemesh" } };
  await sendJson(request, response, info, { type: typeOf(path) });
}

export async function getMetrics(
  { collector, storage, settings }: ServerContext,
  { request, response }: Exchange,
): Promise<void> {
  const usage = storage.usage();
  await sendJson(request, response, {
    ...(settings.httpCollectorEnabled ? counters("http", collector.http) : {}),
    "counter.tracemesh_storage.evicted_spans": usage.evictedSpans,
    "counter.tracemesh_storage.evicted_traces": usage.evictedTraces,
    "gauge.tracemesh_storage.spans": usage.spans,
    "gauge.tracemesh_storage.traces": usage.traces,
    "gauge.tracemesh_storage.bytes": usage.bytes,
    "gauge.tracemesh_storage.max_spans": usage.maxSpans,
    "gauge.tracemesh_storage.max_bytes": usage.maxBytes,
  });
}

function counters(transport: string, metrics: TransportMetrics): Record<string, number> {
  return {
    [`counter.zipkin_collector.messages.${transport}`]: metrics.messages,
    [`counter.zipkin_collector.messages_dropped.${transport}`]: metrics.messagesDropped,
    [`counter.zipkin_collector.spans.${transport}`]: metrics.spans,
    [`counter.zipkin_collector.spans_dropped.${transport}`]: metrics.spansDropped,
    [`counter.zipkin_collector.bytes.${transport}`]: metrics.bytes,
    [`gauge.zipkin_collector.message_spans.${transport}`]: metrics.messageSpans,
    [`gauge.zipkin_collector.message_bytes.${transport}`]: metrics.messageBytes,
  };
}

export function getPrometheus(context: ServerContext, { response }: Exchange): void {
  const { http } = context.collector;
  const usage = context.storage.usage();
  const label = '{transport="http"}';
  const lines = [
    ...metric("zipkin_collector_messages_total", "counter", http.messages, label),
    ...metric("zipkin_collector_messages_dropped_total", "counter", http.messagesDropped, label),
    ...metric("zipkin_collector_spans_total", "counter", http.spans, label),
    ...metric("zipkin_collector_spans_dropped_total", "counter", http.spansDropped, label),
    ...metric("zipkin_collector_bytes_total", "counter", http.bytes, label),
    ...metric("zipkin_collector_message_spans", "gauge", http.messageSpans, label),
    ...metric("zipkin_collector_message_bytes", "gauge", http.messageBytes, label),
    ...metric("tracemesh_storage_evicted_spans_total", "counter", usage.evictedSpans),
    ...metric("tracemesh_storage_evicted_traces_total", "counter", usage.evictedTraces),
    ...metric("tracemesh_storage_spans", "gauge", usage.spans),
    ...metric("tracemesh_storage_traces", "gauge", usage.traces),
    ...metric("tracemesh_storage_bytes", "gauge", usage.bytes),
    ...metric("process_resident_memory_bytes", "gauge", process.memoryUsage.rss()),
  ];
  sendText(response, 200, `${lines.join("\n")}\n`, "text/plain; version=0.0.4; charset=utf-8");
}

function metric(name: string, type: string, value: number, labels = ""): string[] {
  return [`# TYPE ${name} ${type}`, `${name}${labels} ${value}`];
}
