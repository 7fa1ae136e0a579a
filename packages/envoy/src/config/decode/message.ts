/** Protobuf messages: known fields are decoded, everything else is an error that says which kind of unknown it is. */
import {
  type Decoder,
  type FieldShape,
  firstCharacter,
  type MessageShape,
  received,
  type Shape,
} from "./decoder.ts";
import type { Field, Fields } from "./field.ts";
import { knownFields } from "./known-types.ts";
import type { Scope } from "./scope.ts";
import type { ConfigNode, MapEntry, MapNode, Place } from "./yaml-tree.ts";

export interface MessageOptions<Message> {
  /** At most one of each group's fields may be present; exactly one where the group is required. */
  readonly oneofs?: readonly Oneof[];
  /** Fields read and ignored, with the reason why that is right. */
  readonly accepted?: Readonly<Record<string, string>>;
  /** Names for the features behind fields that are refused; fields left out are refused by their own name. */
  readonly unsupported?: Readonly<Record<string, string>>;
  /** Rules across fields; runs when the fields themselves are fine. */
  readonly check?: (message: Message, at: Scope, node: MapNode) => void;
}

export interface Oneof {
  readonly name: string;
  /** Proto names. */
  readonly fields: readonly string[];
  readonly required?: boolean;
}

export interface MessageDecoder<Message> extends Decoder<Message> {
  readonly shape: MessageShape;
}

type AnyField = Field<unknown, "optional" | "always">;

interface NamedField {
  readonly key: string;
  readonly name: string;
  readonly field: AnyField;
}

/** A decoder for the message of that full name. A `type` property, where the decoded type has one, is added by `extension`. */
export function message<Message extends object>(
  name: string,
  fields: Fields<Message>,
  options: MessageOptions<Message> = {},
): MessageDecoder<Message> {
  const { oneofs = [], accepted = {}, unsupported = {}, check } = options;
  const list: NamedField[] = Object.entries<AnyField>(fields).map(([key, field]) => ({
    key,
    name: field.protoName ?? protoName(key, field.isDuration),
    field,
  }));
  const byName = new Map<string, NamedField>();
  // A field can have its place in the type and be refused nevertheless.
  const supported = list.filter(({ name: field }) => !Object.hasOwn(unsupported, field));
  for (const entry of supported) {
    byName.set(entry.name, entry);
    byName.set(jsonName(entry.name), entry);
  }
  const acceptedNames = new Set(Object.keys(accepted).flatMap((field) => [field, jsonName(field)]));

  return {
    shape: {
      kind: "message",
      name,
      accepted,
      unsupported,
      fields: (): FieldShape[] =>
        supported.map(({ name: field, field: { shape, required } }) => ({
          name: field,
          shape,
          required,
        })),
    },
    absentRule: "value is required",
    decode(node, outer) {
      const at = outer.message(name);
      if (node.kind !== "map") {
        const message = `expected a map of fields, received ${received(node)}`;
        const reason = `unexpected character: '${firstCharacter(node)}'; expected '{'`;
        at.malformed(node, `message ${name}`, reason, message);
        return undefined;
      }
      const before = at.report.problems.length;
      const present = new Map<NamedField, MapEntry>();
      for (const entry of node.entries) {
        if (entry.key === "@type") continue;
        const field = byName.get(entry.key);
        if (field !== undefined) {
          // JSON null is the same as leaving the field out.
          if (!isNull(entry.value)) present.set(field, entry);
        } else if (!acceptedNames.has(entry.key)) {
          reportUnknown(name, entry, unsupported, at, [...byName.keys(), ...acceptedNames]);
        }
      }
      const value = decodeFields(list, present, node, at);
      checkOneofs(oneofs, present, node, at, name);
      if (at.report.problems.length > before) return undefined;
      const decoded = value as Message;
      at.report.origins.set(decoded, { node, scope: at });
      check?.(decoded, at, node);
      return at.report.problems.length > before ? undefined : decoded;
    },
  };
}

/** The same message as an extension: with the `type` that tells the members of a union apart. */
export function extension<Message extends { readonly type: string }>(
  name: string,
  type: Message["type"],
  fields: Fields<Omit<Message, "type">>,
  options: MessageOptions<Omit<Message, "type">> = {},
): MessageDecoder<Message> {
  const inner = message<Omit<Message, "type">>(name, fields, options);
  return {
    ...inner,
    decode(node, at) {
      const decoded = inner.decode(node, at);
      if (decoded === undefined) return undefined;
      const value = { type, ...decoded } as unknown as Message;
      const origin = at.report.origins.get(decoded);
      if (origin !== undefined) at.report.origins.set(value, origin);
      return value;
    },
  };
}

/** For messages that contain themselves. */
export function lazy<Message>(decoder: () => MessageDecoder<Message>): Decoder<Message> {
  return {
    shape: { kind: "reference", target: () => decoder().shape },
    absentRule: "value is required",
    decode: (node, at) => decoder().decode(node, at),
  };
}

/** A message without fields, whose presence says it all. */
export function empty(name: string): MessageDecoder<Readonly<Record<string, never>>> {
  return message<Record<never, never>>(name, {});
}

/** Place of a field in a message's node, or of its element; of the message itself when the field is absent. */
export function fieldPlace(node: ConfigNode, name: string, index?: number): Place {
  if (node.kind !== "map") return node.at;
  const value = node.entries.find(({ key }) => key === name || key === jsonName(name))?.value;
  const element = index !== undefined && value?.kind === "list" ? value.items[index] : value;
  return element?.at ?? node.at;
}

function decodeFields(
  list: readonly NamedField[],
  present: ReadonlyMap<NamedField, MapEntry>,
  node: MapNode,
  at: Scope,
): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const named of list) {
    const entry = present.get(named);
    const inside = at.field(named.name);
    const decoded =
      entry === undefined
        ? named.field.absent(node, inside)
        : named.field.read(entry.value, inside);
    if (decoded !== undefined) value[named.key] = decoded;
  }
  return value;
}

function checkOneofs(
  oneofs: readonly Oneof[],
  present: ReadonlyMap<NamedField, MapEntry>,
  node: MapNode,
  at: Scope,
  messageName: string,
): void {
  for (const { name, fields, required = false } of oneofs) {
    const set = [...present].filter(([field]) => fields.includes(field.name));
    const [, second] = set;
    if (second !== undefined) {
      const [
        {
          name: field,
          field: { shape },
        },
        { value },
      ] = second;
      const reason = `'${field}' has already been set (either directly or as part of a oneof)`;
      const names = set.map(([one]) => one.name).join(" and ");
      const message = `${names} exclude each other: only one of ${fields.join(", ")} is allowed`;
      at.field(field).malformed(value, protobufType(shape), reason, message);
    }
    // A refused or unknown member has been reported already: "is required" would only confuse.
    const known = knownFields(messageName);
    const other = node.entries.some(
      ({ key, value }) => !isNull(value) && known?.[key]?.oneof === name,
    );
    if (required && set.length === 0 && !other) {
      const message = `one of ${fields.join(", ")} is required, none is there`;
      at.missingOneof(node.at, name, message);
    }
  }
}

/** What protobuf's JSON reader calls a field's type. */
function protobufType(shape: Shape): string {
  if (shape.kind === "message") return `message ${shape.name}`;
  return shape.kind === "scalar" ? shape.text : shape.kind;
}

function reportUnknown(
  messageName: string,
  { key, keyAt }: MapEntry,
  unsupported: Readonly<Record<string, string>>,
  at: Scope,
  supported: readonly string[],
): void {
  const known = knownFields(messageName);
  const field = known === undefined ? undefined : findField(known, key);
  const feature =
    unsupported[key] ?? (field === undefined ? undefined : (unsupported[field] ?? field));
  if (feature !== undefined) {
    const what = feature === (field ?? key) ? "" : `: ${feature}`;
    at.field(field ?? key).unsupported(keyAt, `known to Envoy but not supported here${what}`);
    return;
  }
  const nearest = closest(key, supported);
  const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  const message = `unknown to Envoy: ${messageName} has no field ${JSON.stringify(key)}${hint}`;
  at.unknownField(keyAt, messageName, key, message);
}

function findField(known: Readonly<Record<string, unknown>>, key: string): string | undefined {
  if (Object.hasOwn(known, key)) return key;
  return Object.keys(known).find((name) => jsonName(name) === key);
}

function isNull(node: ConfigNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** connectTimeoutMs of a duration is connect_timeout. */
function protoName(key: string, isDuration: boolean): string {
  const base = isDuration ? key.replace(/Ms$/, "") : key;
  return base.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The lowerCamelCase name protobuf's JSON mapping accepts beside the proto's. */
export function jsonName(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The name at most two edits away, if any. */
function closest(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = 3;
  for (const candidate of candidates) {
    const distance = editDistance(name, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
