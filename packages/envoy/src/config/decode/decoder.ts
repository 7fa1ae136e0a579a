/** What the decoders of all kinds have in common. */
import type { Scope } from "./scope.ts";
import type { ConfigNode } from "./yaml-tree.ts";

/** Turns a node into a value; undefined means that a problem was reported. */
export interface Decoder<Value> {
  readonly shape: Shape;
  decode(node: ConfigNode, at: Scope): Value | undefined;
  /** The rule that an absent field of this kind breaks where one is required, in Envoy's words. */
  readonly absentRule?: string;
}

/** What the page about supported configuration says of a decoder. */
export type Shape =
  | { readonly kind: "scalar"; readonly text: string }
  | {
      readonly kind: "enum";
      readonly values: readonly string[];
      readonly refused: readonly string[];
    }
  | MessageShape
  /** A message inside itself. */
  | { readonly kind: "reference"; readonly target: () => MessageShape }
  | { readonly kind: "list"; readonly of: Shape }
  | { readonly kind: "map"; readonly of: Shape }
  | {
      readonly kind: "any";
      readonly category: string;
      readonly types: () => readonly MessageShape[];
    };

export interface MessageShape {
  readonly kind: "message";
  /** Such as envoy.config.route.v3.Route. */
  readonly name: string;
  readonly fields: () => readonly FieldShape[];
  /** Fields that are read and change nothing here, with the reason. */
  readonly accepted: Readonly<Record<string, string>>;
  /** Fields that are refused, with the feature's name. */
  readonly unsupported: Readonly<Record<string, string>>;
}

export interface FieldShape {
  readonly name: string;
  readonly shape: Shape;
  readonly required: boolean;
}

/** How a value reads in an error message. */
export function received(node: ConfigNode): string {
  if (node.kind === "map") return "a map";
  if (node.kind === "list") return "a list";
  return typeof node.value === "string" ? JSON.stringify(node.value) : String(node.value);
}

/** The first character of the JSON that Envoy's reader would stumble over. */
export function firstCharacter(node: ConfigNode): string {
  if (node.kind === "map") return "{";
  if (node.kind === "list") return "[";
  return (JSON.stringify(node.value) ?? "n").charAt(0);
}
