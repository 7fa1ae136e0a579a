import * as dns from "node:dns/promises";
import { hostname } from "node:os";

/** Who answers: in a container the container's id and address. */
export interface HostIdentity {
  readonly hostname: string;
  readonly address: string;
}

/** The machine's name and the address it resolves to; loopback where the name resolves to nothing. */
export async function hostIdentity(): Promise<HostIdentity> {
  const name = hostname();
  try {
    return { hostname: name, address: (await dns.lookup(name, { family: 4 })).address };
  } catch {
    // A laptop off the network often cannot resolve its own name; the service works all the same.
    return { hostname: name, address: "127.0.0.1" };
  }
}
