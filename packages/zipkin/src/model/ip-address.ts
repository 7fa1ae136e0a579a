import { isIPv4, isIPv6 } from "node:net";

/** An address in the field it belongs to, whatever field it was reported in. */
export type IpAddress =
  | { readonly family: 4; readonly text: string }
  | { readonly family: 6; readonly text: string };

const cache = new Map<string, IpAddress | undefined>();
/** Entries. Reporters repeat the same few addresses; a flood of new ones only empties the cache. */
const CACHE_LIMIT = 4096;

/** Reads either family; an IPv4 address in an IPv6 coat becomes IPv4. Anything else is no address. */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (text.length > 45) return undefined;
  const known = cache.get(text);
  if (known !== undefined || cache.has(text)) return known;
  const parsed = parse(text);
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(text, parsed);
  return parsed;
}

function parse(text: string): IpAddress | undefined {
  if (isIPv4(text)) return { family: 4, text };
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const groups = parseGroups(text);
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (mapped) return { family: 4, text: dotted(groups[6] ?? 0, groups[7] ?? 0) };
  return { family: 6, text: writeIpv6(groups) };
}

/** Eight 16-bit groups from text that `isIPv6` has accepted. */
function parseGroups(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const front = groupsOf(head);
  if (tail === undefined) return front;
  const back = groupsOf(tail);
  return [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
}

function groupsOf(part: string): number[] {
  if (part === "") return [];
  return part.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

function dotted(high: number, low: number): string {
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** Canonical text (RFC 5952 but for one rule: groups stay hexadecimal even for mapped addresses). */
export function writeIpv6(groups: readonly number[]): string {
  let best = -1;
  let bestLength = 1; // a single zero group is not shortened
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > bestLength) {
      best = i;
      bestLength = end - i;
    }
    if (end > i) i = end;
  }
  const hex = groups.map((group) => group.toString(16));
  if (best < 0) return hex.join(":");
  return `${hex.slice(0, best).join(":")}::${hex.slice(best + bestLength).join(":")}`;
}
