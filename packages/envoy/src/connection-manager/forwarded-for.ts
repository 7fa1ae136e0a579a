/** x-forwarded-for. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-for */
import { isIpLiteral } from "./ip-address.ts";

export interface ForwardedAddress {
  readonly address: string;
  /** The header holds nothing else: then the address may be trusted to be internal. */
  readonly single: boolean;
}

/** The last address after skipping `hops` trusted ones from the right; undefined when there is none or it is no IP address. */
export function lastForwardedAddress(
  header: string | undefined,
  hops: number,
): ForwardedAddress | undefined {
  if (header === undefined) return undefined;
  let end = header.length;
  for (let i = 0; i < hops; i++) {
    const comma = header.lastIndexOf(",", end - 1);
    if (comma < 0 || end <= 0) return undefined;
    end = comma;
  }
  const list = header.slice(0, end);
  const comma = list.lastIndexOf(",");
  const address = (comma >= 0 && comma + 1 < list.length ? list.slice(comma + 1) : list).trim();
  if (!isIpLiteral(address)) return undefined;
  return { address, single: comma < 0 && hops === 0 };
}

/** Joined without a space, as Envoy does. */
export function appendForwarded(header: string | undefined, address: string): string {
  return header === undefined || header === "" ? address : `${header},${address}`;
}
