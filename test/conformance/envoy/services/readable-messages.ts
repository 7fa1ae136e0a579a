/** What differs from run to run although it says the same, in a form that does not. */

import type { HeaderLines, Outcome, SeenRequest } from "../rig/recorded-case.ts";
import { describeCheckRequest } from "./check-request.ts";

/** Envoy keeps the headers of a question to an authorization service in a hash map, whose order is a matter of chance. */
const askedServers = /^UPSTREAM_(AUTH|OTHER)_PORT$/;

export function readable(outcome: Outcome): Outcome {
  const { upstreamSaw } = outcome;
  if (upstreamSaw === undefined) return outcome;
  return { ...outcome, upstreamSaw: upstreamSaw.map(readableRequest) };
}

function readableRequest(request: SeenRequest): SeenRequest {
  if (request.path === "/envoy.service.auth.v3.Authorization/Check")
    return { ...request, body: describeCheckRequest(request.body) };
  if (!askedServers.test(request.server)) return request;
  return { ...request, headers: sorted(request.headers) };
}

function sorted(headers: HeaderLines): HeaderLines {
  return headers.toSorted(([a, one], [b, other]) => (a + one < b + other ? -1 : 1));
}
