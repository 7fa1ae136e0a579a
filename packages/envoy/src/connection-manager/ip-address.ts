/** IP literals and ranges. */
import { BlockList, isIP, isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";
import type { CidrRange } from "../config/address.ts";

export function isIpLiteral(text: string): boolean {
  return isIP(text) !== 0;
}

export function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1" || address.startsWith("::ffff:127.");
}

/** Which addresses count as internal: none, unless the file says so. */
export function compileRanges(ranges: readonly CidrRange[]): (address: string) => boolean {
  if (ranges.length === 0) return () => false;
  const list = new BlockList();
  for (const { addressPrefix, prefixLen } of ranges)
    list.addSubnet(addressPrefix, prefixLen, isIPv4(addressPrefix) ? "ipv4" : "ipv6");
  return (address) => {
    const family = isIP(address);
    return family !== 0 && list.check(address, family === 4 ? "ipv4" : "ipv6");
  };
}

/** The machine's first IPv4 that is not loopback: what a loopback peer is called in x-forwarded-for, and localEndpoint in spans. */
export function machineAddress(): string {
  for (const addresses of Object.values(networkInterfaces()))
    for (const address of addresses ?? [])
      if (address.family === "IPv4" && !address.internal) return address.address;
  return "127.0.0.1";
}
