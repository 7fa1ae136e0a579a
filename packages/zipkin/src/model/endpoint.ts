import { DecodeError } from "./decode-error.ts";
import { parseIpAddress } from "./ip-address.ts";
import type { Endpoint, EndpointDraft } from "./span.ts";

/** What a decoder found; any of it may be unusable. */
export interface RawEndpoint {
  readonly serviceName?: string | undefined;
  readonly ipv4?: string | undefined;
  readonly ipv6?: string | undefined;
  readonly port?: number | undefined;
}

/** Lower-cases the name, sorts addresses into their fields; an endpoint with nothing left is absent. */
export function normaliseEndpoint(raw: RawEndpoint): Endpoint | undefined {
  let ipv4: string | undefined;
  let ipv6: string | undefined;
  for (const text of [raw.ipv4, raw.ipv6]) {
    if (text === undefined || text === "") continue;
    const address = parseIpAddress(text);
    if (address?.family === 4) ipv4 = address.text;
    else if (address?.family === 6) ipv6 = address.text;
  }
  return createEndpoint(raw.serviceName, ipv4, ipv6, raw.port);
}

/** From addresses that are canonical already. */
export function createEndpoint(
  serviceName: string | undefined,
  ipv4: string | undefined,
  ipv6: string | undefined,
  port: number | undefined,
): Endpoint | undefined {
  const endpoint: EndpointDraft = {};
  if (serviceName !== undefined && serviceName !== "") {
    endpoint.serviceName = serviceName.toLowerCase();
  }
  if (ipv4 !== undefined) endpoint.ipv4 = ipv4;
  if (ipv6 !== undefined) endpoint.ipv6 = ipv6;
  if (port !== undefined && port > 0) endpoint.port = checkPort(port);
  for (const _field in endpoint) return endpoint;
  return undefined;
}

export function checkPort(port: number): number {
  if (port > 65535) throw new DecodeError(`invalid port ${port}`);
  return port;
}
