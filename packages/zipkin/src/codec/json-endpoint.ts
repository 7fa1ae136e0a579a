import { checkPort, createEndpoint } from "../model/endpoint.ts";
import { parseIpAddress } from "../model/ip-address.ts";
import type { Endpoint } from "../model/span.ts";
import type { JsonPull } from "./json-pull.ts";

/** The latest of each part counts; either address field may hold either family. */
export function pullEndpoint(json: JsonPull): Endpoint | undefined {
  let serviceName: string | undefined;
  let ipv4: string | undefined;
  let ipv6: string | undefined;
  let port = 0;
  json.begin("object");
  while (json.hasNext()) {
    const key = json.key();
    if (json.peek() === "null") json.skip();
    else if (key === "serviceName") serviceName = json.string();
    else if (key === "ipv4" || key === "ipv6") {
      const address = parseIpAddress(json.string());
      if (address?.family === 4) ipv4 = address.text;
      else if (address?.family === 6) ipv6 = address.text;
    } else if (key === "port") port = checkPort(json.int());
    else json.skip();
  }
  json.end();
  return createEndpoint(serviceName, ipv4, ipv6, port);
}
