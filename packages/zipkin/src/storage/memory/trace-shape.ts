import { field, type Slabs, type SpanAddress } from "./slabs.ts";
import { hasParent } from "./span-flags.ts";

/** Spans. Longer traces hardly ever repeat another one's shape. */
const MAX_SPANS = 64;

/**
 * A text that two traces share only when `findCalls` finds the same calls in them. Ids are numbered as
 * they appear, services and endpoints stand there by their numbers. Of the order of ids only one thing
 * counts: which of several spans without parent is the root. Undefined for traces that are not worth it.
 */
export function shapeOf(slabs: Slabs, addresses: readonly SpanAddress[]): string | undefined {
  if (addresses.length > MAX_SPANS) return undefined;
  const numbers = new Map<string, number>();
  const numberOf = (id: string): number => {
    const known = numbers.get(id);
    if (known !== undefined) return known;
    numbers.set(id, numbers.size);
    return numbers.size - 1;
  };
  const roots: string[] = [];
  let shape = "";
  for (const address of addresses) {
    const flags = slabs.read(address, field.flags);
    const spanId = slabs.spanId(address);
    const id = numberOf(spanId);
    const isChild = hasParent(flags);
    const parent = isChild ? numberOf(slabs.parentId(address)) : "";
    if (!isChild && !roots.includes(spanId)) roots.push(spanId);
    const endpoint = slabs.read(address, field.endpoint);
    shape += `${id} ${parent} ${flags} ${endpoint} ${slabs.read(address, field.remote)},`;
  }
  return roots.length < 2 ? shape : shape + roots.sort().map(numberOf).join(" ");
}
