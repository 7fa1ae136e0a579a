/** An address in the field it belongs to, whatever field it was reported in. */
export type IpAddress =
  | { readonly family: 4; readonly text: string }
  | { readonly family: 6; readonly text: string };

const cache = new Map<string, IpAddress | undefined>();
/** Entries. Reporters repeat the same few addresses; a flood of new ones only empties the cache. */
const CACHE_LIMIT = 4096;
/** Characters. An address may have any number of leading zeros: such a one is read each time. */
const CACHED_LENGTH = 45;

/** Reads either family; an IPv4 address in an IPv6 coat becomes IPv4. Anything else is no address. */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (text.length > CACHED_LENGTH) return parse(text);
  const known = cache.get(text);
  if (known !== undefined || cache.has(text)) return known;
  const parsed = parse(text);
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(text, parsed);
  return parsed;
}

/** As Zipkin has it: leading zeros are fine and stay, as in 001.02.3.4. */
const IPV4 = /^(?:(?:\d\d?|[01]\d\d|2[0-4]\d|25[0-5])(?:\.|$)){4}$/;
/** `::1.2.3.4`, `::ffff:1.2.3.4` and what Zipkin takes for the latter; other mixtures are no address to it. */
const EMBEDDED = /^::(?:[fF0]{4}:)?([\d.]+)$/;
const HEX_GROUPS = /^[\da-fA-F:]+$/;

function parse(text: string): IpAddress | undefined {
  const ipv4 = EMBEDDED.exec(text)?.[1] ?? text;
  if (isIpv4(ipv4)) return { family: 4, text: ipv4 };
  const groups = HEX_GROUPS.test(text) ? parseGroups(text) : undefined;
  return groups === undefined ? undefined : { family: 6, text: writeIpv6(groups) };
}

function isIpv4(text: string): boolean {
  return text.length <= 15 && IPV4.test(text) && !text.endsWith(".");
}

/** Eight 16-bit groups; `::` stands once, for one group of zeros or more. */
function parseGroups(text: string): number[] | undefined {
  const [head = "", tail, ...more] = text.split("::");
  if (more.length > 0) return undefined;
  const front = groupsOf(head);
  const back = tail === undefined ? [] : groupsOf(tail);
  const missing = 8 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...front, ...new Array<number>(missing).fill(0), ...back];
  return groups.every((group) => group <= 0xffff) ? groups : undefined; // NaN where a group is empty
}

function groupsOf(part: string): number[] {
  return part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
}

/** From the bytes of a message. An IPv4 address in the last four of sixteen is IPv4, but for `::1`; one marked `::ffff:` is not. */
export function ipAddressOfGroups(groups: readonly number[]): IpAddress {
  const [high = 0, low = 0] = groups.slice(6);
  const isEmbedded = groups.slice(0, 6).every((group) => group === 0) && (high > 0 || low !== 1);
  return isEmbedded
    ? { family: 4, text: dotted(high, low) }
    : { family: 6, text: writeIpv6(groups) };
}

function dotted(high: number, low: number): string {
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/**
 * Zipkin's canonical text: as RFC 5952, but a single group of zeros is shortened as well, groups stay
 * hexadecimal for mapped addresses, and zeros at the end are shortened only where there are no others.
 */
function writeIpv6(groups: readonly number[]): string {
  let best = -1;
  let bestLength = 0;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > bestLength && (end < 8 || best < 0)) {
      best = i;
      bestLength = end - i;
    }
    if (end > i) i = end;
  }
  const hex = groups.map((group) => group.toString(16));
  if (best < 0) return hex.join(":");
  return `${hex.slice(0, best).join(":")}::${hex.slice(best + bestLength).join(":")}`;
}
