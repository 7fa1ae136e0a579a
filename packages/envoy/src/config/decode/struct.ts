/** google.protobuf.Struct and Value: free-form data, as the plain value it stands for. */
import type { Struct } from "../extension.ts";
import { type Decoder, received } from "./decoder.ts";
import type { ConfigNode } from "./yaml-tree.ts";

export function struct(): Decoder<Struct> {
  return {
    shape: { kind: "scalar", text: "struct" },
    absentRule: "value is required",
    decode(node, at) {
      if (node.kind === "map") return plainMap(node.entries);
      const message = `expected a map, received ${received(node)}`;
      at.malformed(node, "message google.protobuf.Struct", "expected '{'", message);
      return undefined;
    },
  };
}

function plainMap(entries: readonly { key: string; value: ConfigNode }[]): Struct {
  return Object.fromEntries(entries.map(({ key, value }) => [key, plainValue(value)]));
}

function plainValue(node: ConfigNode): unknown {
  if (node.kind === "map") return plainMap(node.entries);
  if (node.kind === "list") return node.items.map(plainValue);
  return node.value;
}
