/** Strings, numbers, booleans, enums and durations of the protobuf JSON mapping. https://protobuf.dev/programming-guides/json/ */
import { type Decoder, firstCharacter, received } from "./decoder.ts";
import type { Scope } from "./scope.ts";
import type { ConfigNode } from "./yaml-tree.ts";

export interface StringRules {
  readonly minLen?: number;
  readonly maxBytes?: number;
  /** Envoy's well_known_regex, in its lenient form: no NUL, CR or LF. */
  readonly header?: "name" | "value";
  readonly pattern?: RegExp;
}

export function string(rules: StringRules = {}): Decoder<string> {
  const { minLen } = rules;
  return {
    shape: { kind: "scalar", text: "string" },
    ...(minLen === undefined ? {} : { absentRule: minLenRule(minLen) }),
    decode(node, at) {
      if (node.kind !== "scalar" || typeof node.value !== "string") {
        const reason = `unexpected character: '${firstCharacter(node)}'; expected '"'`;
        at.malformed(node, "string", reason, `expected a string, received ${received(node)}`);
        return undefined;
      }
      const rule = brokenStringRule(node.value, rules);
      if (rule === undefined) return node.value;
      at.violation(node.at, rule, `${rule}, received ${received(node)}`);
      return undefined;
    },
  };
}

function minLenRule(minLen: number): string {
  return `value length must be at least ${minLen} characters`;
}

function brokenStringRule(value: string, rules: StringRules): string | undefined {
  const { minLen, maxBytes, header, pattern } = rules;
  if (minLen !== undefined && [...value].length < minLen) return minLenRule(minLen);
  if (maxBytes !== undefined && Buffer.byteLength(value) > maxBytes) {
    return `value length must be at most ${maxBytes} bytes`;
  }
  if (header !== undefined && /[\0\r\n]/.test(value)) {
    return 'value does not match regex pattern "^[^\\u0000\\n\\r]*$"';
  }
  if (pattern !== undefined && !pattern.test(value)) {
    return `value does not match regex pattern ${JSON.stringify(pattern.source)}`;
  }
  return undefined;
}

export interface NumberRules {
  readonly gt?: number;
  readonly gte?: number;
  readonly lt?: number;
  readonly lte?: number;
}

export function uint32(rules: NumberRules = {}): Decoder<number> {
  return integer("uint32", 0, 0xffff_ffff, rules);
}

/** 64-bit values beyond 2^53 are rounded: they are limits here, where that makes no difference. */
export function uint64(rules: NumberRules = {}): Decoder<number> {
  return integer("uint64", 0, 2 ** 64, rules);
}

export function int64(rules: NumberRules = {}): Decoder<number> {
  return integer("int64", -(2 ** 63), 2 ** 63, rules);
}

function integer(type: string, least: number, most: number, rules: NumberRules): Decoder<number> {
  return {
    shape: { kind: "scalar", text: type },
    ...absentNumberRule(rules),
    decode(node, at) {
      const value = numberIn(node, type, at);
      if (value === undefined) return undefined;
      const refuse = (reason: string, message: string): undefined =>
        at.malformed(node, type, reason, `${message}, received ${received(node)}`) as undefined;
      if (!Number.isInteger(value)) {
        return refuse(
          "expected integer, but JSON number had fractional part",
          "expected a whole number",
        );
      }
      if (value < least || value > most) {
        const isNegative = value < 0 && least === 0;
        const reason = isNegative ? "JSON number out of range for int" : "integer out of range";
        return refuse(reason, `${type} goes from ${least} to ${most}`);
      }
      return withinRules(value, rules, node, at);
    },
  };
}

export function double(rules: NumberRules = {}): Decoder<number> {
  return {
    shape: { kind: "scalar", text: "double" },
    decode(node, at) {
      const value = numberIn(node, "double", at);
      return value === undefined ? undefined : withinRules(value, rules, node, at);
    },
  };
}

function numberIn(node: ConfigNode, type: string, at: Scope): number | undefined {
  if (node.kind !== "scalar" || node.value === null || typeof node.value === "boolean") {
    const message = `expected a number, received ${received(node)}`;
    at.malformed(node, type, "expected number or string", message);
    return undefined;
  }
  if (typeof node.value === "number") return node.value;
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(node.value)) return Number(node.value);
  const message = `expected a number, received ${received(node)}`;
  at.malformed(node, type, `invalid number: '${node.value}'`, message);
  return undefined;
}

function withinRules(
  value: number,
  rules: NumberRules,
  node: ConfigNode,
  at: Scope,
): number | undefined {
  if (obeys(value, rules)) return value;
  const rule = numberRule(rules, "");
  at.violation(node.at, rule, `${rule}, received ${received(node)}`);
  return undefined;
}

function obeys(value: number, { gt, gte, lt, lte }: NumberRules): boolean {
  return (
    (gt === undefined || value > gt) &&
    (gte === undefined || value >= gte) &&
    (lt === undefined || value < lt) &&
    (lte === undefined || value <= lte)
  );
}

/** Envoy's wording of a range; `unit` is "s" for durations. */
function numberRule({ gt, gte, lt, lte }: NumberRules, unit: string): string {
  const low = gte ?? gt;
  const high = lte ?? lt;
  if (low !== undefined && high !== undefined) {
    const open = gte === undefined ? "(" : "[";
    const close = lte === undefined ? ")" : "]";
    return `value must be inside range ${open}${low}${unit}, ${high}${unit}${close}`;
  }
  if (gte !== undefined) return `value must be greater than or equal to ${gte}${unit}`;
  if (gt !== undefined) return `value must be greater than ${gt}${unit}`;
  if (lte !== undefined) return `value must be less than or equal to ${lte}${unit}`;
  return `value must be less than ${lt}${unit}`;
}

/** An absent number is 0, which may break the rules. */
function absentNumberRule(rules: NumberRules): { readonly absentRule?: string } {
  return obeys(0, rules) ? {} : { absentRule: numberRule(rules, "") };
}

/** What protobuf's legacy JSON mode takes in quotes, in any case. */
const booleans: ReadonlyMap<string, boolean> = new Map([
  ...["true", "t", "yes", "y", "1"].map((word) => [word, true] as const),
  ...["false", "f", "no", "n", "0"].map((word) => [word, false] as const),
]);

export function bool(): Decoder<boolean> {
  return {
    shape: { kind: "scalar", text: "bool" },
    decode(node, at) {
      if (node.kind === "scalar") {
        if (typeof node.value === "boolean") return node.value;
        const word = String(node.value).toLowerCase();
        if (typeof node.value === "string" && booleans.has(word)) return booleans.get(word);
      }
      const message = `expected true or false, received ${received(node)}`;
      at.malformed(node, "bool", "expected 'true' or 'false'", message);
      return undefined;
    },
  };
}

/** `bool.const = true`: the field may be left out, but not be false. */
export function onlyTrue(): Decoder<true> {
  const any = bool();
  return {
    shape: any.shape,
    decode(node, at) {
      const value = any.decode(node, at);
      if (value === false) {
        at.violation(node.at, "value must equal true", "value must equal true, received false");
      }
      return value === true ? true : undefined;
    },
  };
}

export function bytes(): Decoder<Uint8Array> {
  return {
    shape: { kind: "scalar", text: "bytes, base64" },
    decode(node, at) {
      if (node.kind === "scalar" && typeof node.value === "string") {
        if (/^[A-Za-z0-9+/_-]*={0,2}$/.test(node.value)) return Buffer.from(node.value, "base64");
      }
      at.malformed(node, "bytes", "corrupt base64", `expected base64, received ${received(node)}`);
      return undefined;
    },
  };
}
