/** Points in time and the durations between them. */
import type { StreamInfo } from "../http/stream-info.ts";
import { FormatError, type Operator } from "./formatter.ts";
import type { OperatorDefinition } from "./operators.ts";
import { compileTime, type Zone } from "./start-time.ts";

/** Microseconds since the epoch. */
type Point = (info: StreamInfo) => number | undefined;

/** Names of %COMMON_DURATION(from:to:precision)%. */
const points: Readonly<Record<string, Point>> = {
  DS_CX_BEG: ({ connection }) => connection.startMicros,
  DS_RX_BEG: (info) => info.startTimeMicros,
  // A request is noticed once its head is there.
  DS_RX_HDR_END: (info) => info.startTimeMicros,
  DS_RX_END: (info) => info.lastDownstreamRxByteReceived,
  US_CX_BEG: (info) => info.upstream?.connection?.startMicros,
  US_CX_END: (info) => info.upstream?.connection?.connectedMicros,
  US_TX_BEG: (info) => info.upstream?.timing.firstUpstreamTxByteSent,
  US_TX_END: (info) => info.upstream?.timing.lastUpstreamTxByteSent,
  US_RX_BEG: (info) => info.upstream?.timing.firstUpstreamRxByteReceived,
  US_RX_BODY_BEG: (info) => info.upstream?.timing.firstUpstreamRxBodyReceived,
  US_RX_END: (info) => info.upstream?.timing.lastUpstreamRxByteReceived,
  DS_TX_BEG: (info) => info.firstDownstreamTxByteSent,
  DS_TX_END: (info) => info.lastDownstreamTxByteSent,
};

const unknownPoint: Point = () => undefined;
const pointOf = (name: string): Point =>
  (Object.hasOwn(points, name) ? points[name] : undefined) ?? unknownPoint;

/** Per microsecond. */
const precisions: Readonly<Record<string, number>> = { ms: 1 / 1000, us: 1, ns: 1000 };

export const timeOperators: Readonly<Record<string, OperatorDefinition>> = {
  START_TIME: clock("utc", (info) => info.startTimeMicros),
  START_TIME_LOCAL: clock("local", (info) => info.startTimeMicros),
  EMIT_TIME: clock("utc", () => Date.now() * 1000),
  EMIT_TIME_LOCAL: clock("local", () => Date.now() * 1000),
  // Before the end, in header additions, it is the time so far.
  DURATION: millis(pointOf("DS_RX_BEG"), (info) => info.endTimeMicros ?? Date.now() * 1000),
  REQUEST_DURATION: millis(pointOf("DS_RX_BEG"), pointOf("DS_RX_END")),
  REQUEST_TX_DURATION: millis(pointOf("DS_RX_BEG"), pointOf("US_TX_END")),
  RESPONSE_DURATION: millis(pointOf("DS_RX_BEG"), pointOf("US_RX_BEG")),
  RESPONSE_TX_DURATION: millis(pointOf("US_RX_BEG"), pointOf("DS_TX_END")),
  UPSTREAM_CONNECTION_POOL_READY_DURATION: millis(
    (info) => info.upstream?.timing.poolAsked,
    (info) => info.upstream?.timing.poolAnswered,
  ),
  COMMON_DURATION: { parameters: "required", lengthAllowed: false, compile: commonDuration },
};

function clock(zone: Zone, point: (info: StreamInfo) => number): OperatorDefinition {
  return {
    parameters: "optional",
    lengthAllowed: false,
    compile(text) {
      const write = compileTime(text, zone);
      return (info) => write(point(info));
    },
  };
}

function millis(from: Point, to: Point): OperatorDefinition {
  return { parameters: "none", lengthAllowed: false, compile: () => between(from, to, 1 / 1000) };
}

function commonDuration(text: string): Operator {
  const parts = text.split(":");
  if (parts.length < 2 || parts.length > 3)
    throw new FormatError(`Invalid common duration configuration: ${text}.`);
  const [from = "", to = "", precision = "ms"] = parts;
  const scale = Object.hasOwn(precisions, precision) ? precisions[precision] : undefined;
  if (scale === undefined)
    throw new FormatError(`Invalid common duration precision: ${precision}.`);
  return between(pointOf(from), pointOf(to), scale);
}

function between(from: Point, to: Point, scale: number): Operator {
  return (info) => {
    const start = from(info);
    const end = to(info);
    if (start === undefined || end === undefined || end < start) return undefined;
    return Math.floor((end - start) * scale);
  };
}
