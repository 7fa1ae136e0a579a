/** An enum by name, in any case, or by number. */
import { type Decoder, received } from "./decoder.ts";
import type { ConfigNode } from "./yaml-tree.ts";

export interface EnumRefusals {
  /** Values Envoy knows and we refuse, with their numbers and the feature's name. */
  readonly unsupported?: Readonly<
    Record<string, { readonly number: number; readonly feature: string }>
  >;
}

export function enumeration<Name extends string>(
  fullName: string,
  numbers: Readonly<Record<Name, number>>,
  { unsupported = {} }: EnumRefusals = {},
): Decoder<Name> {
  const names = Object.keys(numbers) as Name[];
  const find = (node: ConfigNode): Name | undefined => {
    if (node.kind !== "scalar") return undefined;
    const { value } = node;
    if (typeof value === "string" && /^-?\d+$/.test(value))
      return names.find((name) => numbers[name] === Number(value));
    if (typeof value === "number") return names.find((name) => numbers[name] === value);
    // Protobuf's legacy JSON mode, which Envoy uses, also takes lower case and dashes.
    const wanted = String(value).toUpperCase().replaceAll("-", "_");
    return names.find((name) => name.toUpperCase() === wanted);
  };
  return {
    shape: { kind: "enum", values: names, refused: Object.keys(unsupported) },
    decode(node, at) {
      const name = find(node);
      if (name !== undefined) return name;
      const text = node.kind === "scalar" ? node.text : received(node);
      const allowed = `allowed are ${names.join(", ")}`;
      for (const [refused, { number, feature }] of Object.entries(unsupported)) {
        if (text.toUpperCase() !== refused && text !== String(number)) continue;
        at.unsupported(node.at, `${refused} (${feature}) is not supported here: ${allowed}`);
        return undefined;
      }
      if (node.kind === "scalar" && typeof node.value === "number") {
        const rule = "value must be one of the defined enum values";
        at.violation(node.at, rule, `${text} is not a number of ${fullName}: ${allowed}`);
        return undefined;
      }
      if (node.kind === "scalar" && typeof node.value === "string") {
        at.add(
          "parse",
          node.at,
          `unknown enum value ${received(node)}: ${allowed}`,
          `Protobuf message (type envoy.config.bootstrap.v3.Bootstrap reason INVALID_ARGUMENT: unknown enum value: '${text}') has unknown fields`,
        );
        return undefined;
      }
      const message = `expected an enum value, received ${received(node)}: ${allowed}`;
      at.malformed(node, `enum ${fullName}`, "expected number or string", message);
      return undefined;
    },
  };
}
