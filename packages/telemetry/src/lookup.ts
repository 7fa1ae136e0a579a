import { isIP, type LookupFunction } from "node:net";

/** Resolves a host name to one address or several. */
export type Lookup = (hostname: string) => Promise<string | readonly string[]>;

/** node:net's lookup callback over a promise. */
export function nodeLookup(lookup: Lookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname).then(
      (found) => {
        const addresses = typeof found === "string" ? [found] : found;
        const entries = addresses.map((address) => ({ address, family: isIP(address) }));
        const first = entries[0];
        if (first === undefined) callback(notFound(hostname), "", 0);
        else if (options.all) callback(null, entries);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, "", 0),
    );
  };
}

function notFound(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`no address for ${hostname}`), { code: "ENOTFOUND" });
}
