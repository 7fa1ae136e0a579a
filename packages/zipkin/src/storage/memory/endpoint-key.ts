import type { Endpoint } from "../../model/span.ts";

/** Equal for equal endpoints, different for different ones. Names may hold any character but come last. */
export function createEndpointKey(endpoint: Endpoint): string {
  const { serviceName = "", ipv4 = "", ipv6 = "", port = 0 } = endpoint;
  return `${ipv4} ${ipv6} ${port} ${serviceName}`;
}
