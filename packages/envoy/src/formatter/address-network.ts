/** The network of so many bits that an address is in: `10.1.0.0/16`. */
import { isIPv4, SocketAddress } from "node:net";

/** More bits than an address has are all of them; of a negative number Envoy makes nothing. */
export function networkOf(address: string, bits: number): string {
  if (bits < 0) return "";
  const [family, size] = isIPv4(address) ? (["ipv4", 32] as const) : (["ipv6", 128] as const);
  const length = Math.min(bits, size);
  const bytes = size === 32 ? address.split(".").map(Number) : ipv6Bytes(address);
  const kept = bytes.map(
    (byte, at) => byte & (0xff00 >> Math.min(8, Math.max(0, length - 8 * at))),
  );
  const text = size === 32 ? kept.map((byte) => byte & 0xff).join(".") : ipv6Text(kept);
  return `${new SocketAddress({ address: text, family }).address}/${length}`;
}

function ipv6Bytes(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const groups = (part: string | undefined) =>
    part === undefined || part === "" ? [] : part.split(":").flatMap(groupBytes);
  const before = groups(head);
  const after = groups(tail);
  return [...before, ...Array<number>(16 - before.length - after.length).fill(0), ...after];
}

/** Four hexadecimal digits, or the IPv4 address at the end. */
function groupBytes(group: string): number[] {
  if (group.includes(".")) return group.split(".").map(Number);
  const value = Number.parseInt(group, 16);
  return [value >> 8, value & 0xff];
}

function ipv6Text(bytes: readonly number[]): string {
  const groups = Array.from(
    { length: 8 },
    (_, at) => (((bytes[2 * at] ?? 0) & 0xff) << 8) | ((bytes[2 * at + 1] ?? 0) & 0xff),
  );
  return groups.map((group) => group.toString(16)).join(":");
}
