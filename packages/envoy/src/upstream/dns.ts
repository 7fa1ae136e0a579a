/** Resolving endpoint names, again and again. */
import { promises as dns } from "node:dns";
import { isIP } from "node:net";
import type { DnsLookupFamily } from "../config/cluster.ts";

/** All addresses of a name; rejects when there are none. */
export type Lookup = (hostname: string) => Promise<readonly string[]>;

export const systemLookup: Lookup = async (hostname) => {
  const found = await dns.lookup(hostname, { all: true, verbatim: true });
  return found.map(({ address }) => address);
};

/** What dns_lookup_family leaves of the answers. AUTO prefers IPv6, ALL takes both. */
export function selectFamily(
  addresses: readonly string[],
  family: DnsLookupFamily,
): readonly string[] {
  const v4 = addresses.filter((address) => isIP(address) === 4);
  const v6 = addresses.filter((address) => isIP(address) === 6);
  switch (family) {
    case "V4_ONLY":
      return v4;
    case "V6_ONLY":
      return v6;
    case "V4_PREFERRED":
      return v4.length > 0 ? v4 : v6;
    case "ALL":
      return addresses;
    case "AUTO":
      return v6.length > 0 ? v6 : v4;
  }
}

/** Tells the addresses of one name whenever they change, until closed. */
export class DnsWatch {
  readonly #options: DnsWatchOptions;
  #last = "";
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: DnsWatchOptions) {
    this.#options = options;
  }

  /** Resolves once and schedules the next time; never rejects. */
  async refresh(): Promise<void> {
    const { hostname, family, lookup, refreshMs, onAddresses, onFailure } = this.#options;
    try {
      const addresses = selectFamily(await lookup(hostname), family);
      const key = addresses.toSorted().join(",");
      if (!this.#closed && addresses.length > 0 && key !== this.#last) {
        this.#last = key;
        onAddresses(addresses);
      }
      if (addresses.length === 0) onFailure(`${hostname} has no address of family ${family}`);
    } catch (error) {
      onFailure(`${hostname}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.refresh(), refreshMs);
    this.#timer.unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}

export interface DnsWatchOptions {
  readonly hostname: string;
  readonly family: DnsLookupFamily;
  readonly lookup: Lookup;
  readonly refreshMs: number;
  onAddresses(addresses: readonly string[]): void;
  onFailure(message: string): void;
}
