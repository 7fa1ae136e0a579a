/** --config-yaml over the file, as protobuf's MergeFrom does it: maps are merged, lists are added up, other values replaced. */

import { jsonName } from "./decode/message.ts";
import type { ConfigNode, MapEntry } from "./decode/yaml-tree.ts";

export function mergeTrees(base: ConfigNode, over: ConfigNode | undefined): ConfigNode {
  if (over === undefined) return base;
  if (base.kind === "list" && over.kind === "list") {
    return { ...base, items: [...base.items, ...over.items] };
  }
  if (base.kind !== "map" || over.kind !== "map") return over;
  const entries: MapEntry[] = [...base.entries];
  for (const entry of over.entries) {
    const index = entries.findIndex(({ key }) => jsonName(key) === jsonName(entry.key));
    const before = entries[index];
    if (before === undefined) entries.push(entry);
    else entries[index] = { ...entry, value: mergeTrees(before.value, entry.value) };
  }
  return { ...base, entries };
}
