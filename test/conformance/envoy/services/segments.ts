/** SkyWalking's segments as text that is the same from run to run. https://github.com/apache/skywalking-data-collect-protocol/blob/master/language-agent/Tracing.proto */
import { ProtobufMessage } from "../rig/protobuf-reader.ts";
import { describe, type Shape } from "./described-message.ts";

const pair: Shape = { 1: ["key", "text"], 2: ["value", "text"] };
const reference: Shape = {
  1: ["refType", "number"],
  2: ["traceId", "text"],
  3: ["parentTraceSegmentId", "text"],
  4: ["parentSpanId", "int"],
  5: ["parentService", "text"],
  6: ["parentServiceInstance", "text"],
  7: ["parentEndpoint", "text"],
  8: ["networkAddressUsedAtPeer", "text"],
};
const span: Shape = {
  1: ["spanId", "int"],
  2: ["parentSpanId", "int"],
  3: ["startTime", "number"],
  4: ["endTime", "number"],
  5: ["refs", reference],
  6: ["operationName", "text"],
  7: ["peer", "text"],
  8: ["spanType", "number"],
  9: ["spanLayer", "number"],
  10: ["componentId", "number"],
  11: ["isError", "number"],
  12: ["tags", pair],
  13: ["logs", { 1: ["time", "number"], 2: ["data", pair] }],
  14: ["skipAnalysis", "number"],
};
const segment: Shape = {
  1: ["traceId", "text"],
  2: ["traceSegmentId", "text"],
  3: ["spans", span],
  4: ["service", "text"],
  5: ["serviceInstance", "text"],
  6: ["isSizeLimited", "number"],
};

/** Every frame of a stream; `body` has one character a byte. */
export function describeSegments(body: string): string {
  const bytes = Buffer.from(body, "latin1");
  const segments: unknown[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    segments.push(describe(new ProtobufMessage(bytes.subarray(at + 5, end)), segment));
    at = end;
  }
  return JSON.stringify(segments, undefined, 1).replace(
    /("(?:startTime|endTime|time)": )(\d+)/g,
    (_, key: string, time: string) => `${key}"${Number(time) > 1.7e12 ? "<ms>" : time}"`,
  );
}

const volatile = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|127\.0\.0\.1:\d+/g;

/** What is in an sw8 header, with names for ids and ports: `names` remembers which is which. */
export function describeSw8(value: string, named: (text: string) => string): string {
  const fields = value.split("-");
  if (fields.length !== 8) return value;
  const text = fields.map((field, at) => {
    if (at === 0 || at === 3) return field;
    const bytes = Buffer.from(field, "base64");
    // Padding belongs to it.
    return bytes.toString("base64") === field ? bytes.toString("utf8") : `spelt ${field}`;
  });
  return named(text.join(" | "));
}

/** Ids and ports become names, in order of first use. */
export function createNames(): (text: string) => string {
  const names = new Map<string, string>();
  return (text) =>
    text.replace(volatile, (found) => {
      const kind = found.startsWith("127") ? "endpoint" : "id";
      if (!names.has(found)) names.set(found, `<${kind}-${names.size + 1}>`);
      return names.get(found) as string;
    });
}
