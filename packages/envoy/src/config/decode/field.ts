/** How a message's property comes out of a field: optional, required, repeated, with a default. */
import { type Decoder, received, type Shape } from "./decoder.ts";
import { bool } from "./scalars.ts";
import type { Scope } from "./scope.ts";
import type { ConfigNode } from "./yaml-tree.ts";

/** "optional": the property may be missing; "always": it is there whatever the file says. */
export interface Field<Value, Presence extends "optional" | "always"> {
  readonly presence: Presence;
  readonly shape: Shape;
  readonly required: boolean;
  /** The proto's name, where it does not follow from the property's. */
  readonly protoName?: string;
  readonly isDuration: boolean;
  read(node: ConfigNode, at: Scope): Value | undefined;
  /** What an absent field amounts to; reports a missing required one at its message. */
  absent(owner: ConfigNode, at: Scope): Value | undefined;
}

export type OptionalField<Value> = Field<Value, "optional">;
export type AlwaysField<Value> = Field<Value, "always">;

/** Every property of a decoded message, with the presence its type asks for. */
export type Fields<Message> = {
  readonly [Key in keyof Message]-?: Record<never, never> extends Pick<Message, Key>
    ? OptionalField<Exclude<Message[Key], undefined>>
    : AlwaysField<Message[Key]>;
};

export function optional<Value>(decoder: Decoder<Value>): OptionalField<Value> {
  return { ...basic(decoder), presence: "optional", absent: () => undefined };
}

export function required<Value>(decoder: Decoder<Value>): AlwaysField<Value> {
  return {
    ...basic(decoder),
    presence: "always",
    required: true,
    absent(owner, at) {
      const rule = decoder.absentRule ?? "value is required";
      at.violation(owner.at, rule, "required, but missing");
      return undefined;
    },
  };
}

export function withDefault<Value>(decoder: Decoder<Value>, value: Value): AlwaysField<Value> {
  return { ...basic(decoder), presence: "always", absent: () => value };
}

/** A plain proto3 bool: false when absent. */
export function flag(): AlwaysField<boolean> {
  return withDefault(bool(), false);
}

export interface RepeatedRules {
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** A list; protobuf's legacy JSON mode takes a lone element for a list of one. */
export function repeated<Value>(
  decoder: Decoder<Value>,
  rules: RepeatedRules = {},
): AlwaysField<readonly Value[]> {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = rules;
  const tooFew = `value must contain at least ${minItems} item(s)`;
  return {
    presence: "always",
    shape: { kind: "list", of: decoder.shape },
    required: minItems > 0,
    isDuration: false,
    read(node, at) {
      const items = flatten(node).map((item) => orDefault(item, decoder.shape));
      const values: Value[] = [];
      items.forEach((item, index) => {
        const value = decoder.decode(item, at.element(index));
        if (value !== undefined) values.push(value);
      });
      if (items.length < minItems) {
        at.violation(node.at, tooFew, `at least ${minItems} needed, received ${items.length}`);
      }
      if (items.length > maxItems) {
        const rule = `value must contain no more than ${maxItems} item(s)`;
        at.violation(node.at, rule, `at most ${maxItems} allowed, received ${items.length}`);
      }
      return values;
    },
    absent(owner, at) {
      if (minItems > 0) at.violation(owner.at, tooFew, "required, but missing");
      return [];
    },
  };
}

/** Protobuf's legacy JSON mode takes lists within lists as one. */
function flatten(node: ConfigNode): readonly ConfigNode[] {
  return node.kind === "list" ? node.items.flatMap(flatten) : [node];
}

/** A null among the elements is one that says nothing. */
function orDefault(node: ConfigNode, shape: Shape): ConfigNode {
  if (node.kind !== "scalar" || node.value !== null) return node;
  const { at } = node;
  if (shape.kind === "message" || shape.kind === "reference" || shape.kind === "any")
    return { kind: "map", at, entries: [] };
  const isText = shape.kind === "scalar" && (shape.text === "string" || shape.text === "bytes");
  return isText ? { kind: "scalar", at, value: "", text: "" } : { ...node, value: 0, text: "0" };
}

/** map<string, Value>. */
export function map<Value>(decoder: Decoder<Value>): AlwaysField<Readonly<Record<string, Value>>> {
  return keyedMap(() => decoder, decoder.shape);
}

/** A map whose decoder depends on the key. */
export function keyedMap<Value>(
  decoderOf: (key: string) => Decoder<Value>,
  shape: Shape,
): AlwaysField<Readonly<Record<string, Value>>> {
  return {
    presence: "always",
    shape: { kind: "map", of: shape },
    required: false,
    isDuration: false,
    read(node, at) {
      if (node.kind !== "map") {
        const message = `expected a map, received ${received(node)}`;
        at.malformed(node, "map", "unexpected character; expected '{'", message);
        return undefined;
      }
      const entries: [string, Value][] = [];
      for (const { key, value: child } of node.entries) {
        const value = decoderOf(key).decode(child, at.element(key));
        if (value !== undefined) entries.push([key, value]);
      }
      return Object.fromEntries(entries);
    },
    absent: () => ({}),
  };
}

/** For proto names that do not turn into the property's name by rule, such as `proxy_100_continue`. */
export function named<Value, Presence extends "optional" | "always">(
  protoName: string,
  field: Field<Value, Presence>,
): Field<Value, Presence> {
  return { ...field, protoName };
}

function basic<Value>(
  decoder: Decoder<Value>,
): Pick<Field<Value, never>, "shape" | "required" | "isDuration" | "read"> {
  return {
    shape: decoder.shape,
    required: false,
    isDuration: "unit" in decoder,
    read: (node, at) => decoder.decode(node, at),
  };
}
