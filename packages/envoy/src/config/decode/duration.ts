/** google.protobuf.Duration: `0.25s`, or `{seconds: 0, nanos: 250000000}`. Decoded to milliseconds. */
import { type Decoder, firstCharacter, received } from "./decoder.ts";
import type { Scope } from "./scope.ts";
import type { ConfigNode, MapNode } from "./yaml-tree.ts";

/** In seconds. */
export interface DurationRules {
  readonly gt?: number;
  readonly gte?: number;
  readonly required?: boolean;
}

/** Nanoseconds beyond it need more than 63 bits. */
const outOfRangeMs = 9_223_372_036_000;

const type = "message google.protobuf.Duration";

/** Marks the decoder, so that a message knows to take the `Ms` off the property's name. */
export interface DurationDecoder extends Decoder<number> {
  readonly unit: "ms";
}

export function duration(rules: DurationRules = {}): DurationDecoder {
  return {
    shape: { kind: "scalar", text: "duration" },
    unit: "ms",
    absentRule: "value is required",
    decode(node, at) {
      const milliseconds = node.kind === "map" ? fromMap(node, at) : fromText(node, at);
      if (milliseconds === undefined) return undefined;
      if (milliseconds < 0) {
        const message = `expected a positive duration, received ${received(node)}`;
        at.add("bootstrap-rules", node.at, message, "Invalid duration: Expected positive duration");
        return undefined;
      }
      if (milliseconds >= outOfRangeMs) {
        const message = `expected less than 292 years, received ${received(node)}`;
        at.add("listeners", node.at, message, "Invalid duration: Duration out-of-range");
        return undefined;
      }
      const { gt, gte } = rules;
      if (gt !== undefined && milliseconds <= gt * 1000) {
        return violated(node, at, `value must be greater than ${inUnits(gt)}`);
      }
      if (gte !== undefined && milliseconds < gte * 1000) {
        return violated(node, at, `value must be greater than or equal to ${inUnits(gte)}`);
      }
      return milliseconds;
    },
  };
}

/** `1ms`, `5s`. */
function inUnits(seconds: number): string {
  return seconds > 0 && seconds < 1 ? `${seconds * 1000}ms` : `${seconds}s`;
}

function violated(node: ConfigNode, at: Scope, rule: string): undefined {
  at.violation(node.at, rule, `${rule}, received ${received(node)}`);
  return undefined;
}

function fromText(node: ConfigNode, at: Scope): number | undefined {
  const refuse = (reason: string): undefined => {
    const message = `expected a duration such as "0.25s", received ${received(node)}`;
    at.malformed(node, type, reason, message);
    return undefined;
  };
  if (node.kind !== "scalar" || typeof node.value !== "string") {
    return refuse(`unexpected character: '${firstCharacter(node)}'; expected '"'`);
  }
  const match = /^(-?)(\d+)(?:\.(\d*))?(.*)$/s.exec(node.value);
  if (match === null) return refuse("duration must start with an integer");
  const [, sign = "", seconds = "", fraction = "", rest = ""] = match;
  if (rest !== "s") return refuse("duration must end with a single 's'");
  if (fraction.length > 9) return refuse("duration had bad nanoseconds");
  if (Number(seconds) > 315_576_000_000) return refuse("duration out of range");
  const milliseconds = Number(seconds) * 1000 + Number(fraction.padEnd(9, "0")) / 1e6;
  return sign === "-" ? -milliseconds : milliseconds;
}

function fromMap(node: MapNode, at: Scope): number | undefined {
  let milliseconds = 0;
  for (const { key, keyAt, value } of node.entries) {
    const amount = value.kind === "scalar" ? Number(value.value) : Number.NaN;
    if (key !== "seconds" && key !== "nanos") {
      const message = `unknown field ${JSON.stringify(key)}: a duration has seconds and nanos`;
      at.unknownField(keyAt, "google.protobuf.Duration", key, message);
      return undefined;
    }
    if (!Number.isInteger(amount)) {
      const message = `expected a whole number, received ${received(value)}`;
      at.field(key).malformed(value, "int64", "expected number or string", message);
      return undefined;
    }
    milliseconds += key === "seconds" ? amount * 1000 : amount / 1e6;
  }
  return milliseconds;
}
