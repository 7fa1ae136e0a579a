/** What differs from run to run although it says the same, in a form that does not. */
import type { HeaderLines, Outcome, SeenRequest } from "../rig/recorded-case.ts";
import { describeCheckRequest } from "./check-request.ts";
import { createNames, describeSegments, describeSw8 } from "./segments.ts";

/** Envoy keeps the headers of a question to an authorization service in a hash map, whose order is a matter of chance. */
const askedServers = /^UPSTREAM_(AUTH|OTHER)_PORT$/;
const collect = "/skywalking.v3.TraceSegmentReportService/collect";

export function readable(outcome: Outcome): Outcome {
  const { upstreamSaw } = outcome;
  if (upstreamSaw === undefined) return outcome;
  const names = createNames();
  return {
    ...outcome,
    upstreamSaw: upstreamSaw
      // Every thread of Envoy has a stream, also those without requests.
      .filter(({ path, body }) => path !== collect || body !== "")
      .map((request) => readableRequest(request, names)),
  };
}

function readableRequest(request: SeenRequest, names: (text: string) => string): SeenRequest {
  const headers: HeaderLines = request.headers.map(([name, value]) => [
    name,
    name === "sw8" ? describeSw8(value, names) : value,
  ]);
  if (request.path === "/envoy.service.auth.v3.Authorization/Check")
    return { ...request, headers, body: describeCheckRequest(request.body) };
  if (request.path === collect)
    return { ...request, headers, body: names(describeSegments(request.body)) };
  return { ...request, headers: askedServers.test(request.server) ? sorted(headers) : headers };
}

function sorted(headers: HeaderLines): HeaderLines {
  return headers.toSorted(([a, one], [b, other]) => (a + one < b + other ? -1 : 1));
}
