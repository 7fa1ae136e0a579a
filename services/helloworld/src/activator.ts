/**
 * Stands before a revision that may be scaled to zero. On a cold start the wait is a span of its own (`throttler_try`, as Knative's
 * activator names it) and so is the hop to the process (`activator_proxy`); a revision that runs is called without either.
 */
import { SpanKind } from "@opentelemetry/api";
import { callUpstream, type ServiceParts, UpstreamError } from "@tracemesh/service-kit";
import type { RequestHandler } from "express";
import type { Lease, Revision } from "./revision.ts";

export function activate(revision: Revision, { telemetry, fetch }: ServiceParts): RequestHandler {
  const lease = () =>
    revision.lease().catch((cause: Error) => {
      throw new UpstreamError(`the revision cannot be started: ${cause.message}`, { cause });
    });
  const call = ({ url }: Lease, path: string) => callUpstream(fetch, url + path);
  return async (request, response) => {
    const path = request.originalUrl;
    const isCold = !revision.isRunning;
    const held = await (isCold ? telemetry.withSpan("throttler_try", lease) : lease());
    try {
      const body = isCold
        ? await telemetry.withSpan("activator_proxy", () => call(held, path), {
            kind: SpanKind.INTERNAL,
          })
        : await call(held, path);
      response.type("text/plain").send(body);
    } finally {
      held.release();
    }
  };
}
