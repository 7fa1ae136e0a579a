import { lookup } from "node:dns/promises";

/** Resolves a host name to addresses. */
export type Lookup = (hostname: string) => Promise<readonly string[]>;

/** The names of the mesh are this machine; every other name is asked of the system. */
export function createLookup(meshNames: Iterable<string>): Lookup {
  const names = new Set([...meshNames].map((name) => name.toLowerCase()));
  return async (hostname) => {
    if (names.has(hostname.toLowerCase().replace(/\.$/, ""))) return ["127.0.0.1"];
    const found = await lookup(hostname, { all: true });
    return found.map(({ address }) => address);
  };
}
