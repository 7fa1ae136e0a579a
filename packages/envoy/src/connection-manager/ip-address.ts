/** IP literals and ranges. */
import { BlockList, isIP, isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";
import type { CidrRange } from "../config/address.ts";
import type { InternalAddressConfig } from "../config/http-connection-manager.ts";

export function isIpLiteral(text: string): boolean {
  return isIP(text) !== 0;
}

export function isLoopback(address: string): boolean {
  return address === "127.0.0.1" || address === "::1";
}

/** What an internal_address_config without ranges means. */
const privateRanges: readonly CidrRange[] = [
  { addressPrefix: "10.0.0.0", prefixLen: 8 },
  { addressPrefix: "172.16.0.0", prefixLen: 12 },
  { addressPrefix: "192.168.0.0", prefixLen: 16 },
  { addressPrefix: "127.0.0.1", prefixLen: 32 },
  { addressPrefix: "fd00::", prefixLen: 8 },
  { addressPrefix: "::1", prefixLen: 128 },
];

/** Which addresses count as internal: none, unless the file says so. */
export function compileInternalAddresses(
  config: InternalAddressConfig | undefined,
): (address: string) => boolean {
  if (config === undefined) return () => false;
  return compileRanges(config.cidrRanges.length === 0 ? privateRanges : config.cidrRanges);
}

export function compileRanges(ranges: readonly CidrRange[]): (address: string) => boolean {
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
