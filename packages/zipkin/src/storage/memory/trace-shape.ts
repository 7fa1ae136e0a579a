import { field, type Slabs, type SpanAddress } from "./slabs.ts";
import { hasParent } from "./span-flags.ts";

/** Spans. Longer traces hardly ever repeat another one's shape. */
const MAX_SPANS = 64;

/**
 * A text that two traces share only when `findCalls` finds the same calls in them: ids stand for their
 * rank, services and endpoints for their numbers. Undefined for traces that are not worth it.
 */
export function shapeOf(slabs: Slabs, addresses: readonly SpanAddress[]): string | undefined {
  if (addresses.length > MAX_SPANS) return undefined;
  const ids: string[] = [];
  for (const address of addresses) {
    ids.push(slabs.spanId(address));
    if (hasParent(slabs.read(address, field.flags))) ids.push(slabs.parentId(address));
  }
  const ranks = new Map<string, number>();
  for (const id of ids.toSorted()) if (!ranks.has(id)) ranks.set(id, ranks.size);
  let shape = "";
  let next = 0;
  for (const address of addresses) {
    const flags = slabs.read(address, field.flags);
    const id = ranks.get(ids[next++] ?? "");
    const parent = hasParent(flags) ? ranks.get(ids[next++] ?? "") : "";
    const endpoint = slabs.read(address, field.endpoint);
    shape += `${id} ${parent} ${flags} ${endpoint} ${slabs.read(address, field.remote)},`;
  }
  return shape;
}
