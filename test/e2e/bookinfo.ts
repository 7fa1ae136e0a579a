/** The trees of bookinfo behind the gateway, as contract sections name them, and what a test asks the mesh for. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Span } from "@tracemesh/zipkin";
import type { Mesh } from "./mesh.ts";
import type { Shape } from "./trace-shape.ts";

export const gateway = "istio-ingressgateway.istio-system";
const host = (service: string, path: string) => `${service}.default.svc.cluster.local:9080/${path}`;

/** A call from one sidecar to another: CLIENT and SERVER, each with an id of its own. */
export function hop(from: string, to: string, below: Shape = {}): Shape {
  return {
    [`${from}.default CLIENT ${host(to, "*")}`]: {
      [`${to}.default SERVER ${host(to, "*")}`]: below,
    },
  };
}

/** The two spans of the gateway and the one of productpage's sidecar, above whatever productpage does. */
export function throughGateway(below: Shape, path = "productpage"): Shape {
  return {
    [`${gateway} SERVER ${host("productpage", path)}`]: {
      [`${gateway} CLIENT router outbound|9080||productpage.default.svc.cluster.local; egress`]: {
        [`productpage.default SERVER ${host("productpage", path)}`]: below,
      },
    },
  };
}

/** Tree A below the program: nine spans; without ratings (tree B) seven. */
export function meshTree({ ratings }: { readonly ratings: boolean }): Shape {
  return throughGateway({
    ...hop("productpage", "details"),
    ...hop("productpage", "reviews", ratings ? hop("reviews", "ratings") : {}),
  });
}

/** Where a client asks the gateway; a context of its own names the trace, so that a test finds it again. */
export async function ask(
  mesh: Mesh,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: string; headers: Headers; traceId: string }> {
  const traceId = newTraceId();
  const response = await fetch(mesh.url(8080, path), {
    redirect: "manual",
    headers: {
      "x-b3-traceid": traceId,
      "x-b3-spanid": clientSpanId,
      "x-b3-sampled": "1",
      ...headers,
    },
  });
  return {
    status: response.status,
    body: await response.text(),
    headers: response.headers,
    traceId,
  };
}

/** The client's own span, which nobody reports. */
export const clientSpanId = "d2fb4a1d1a96d312";

export function newTraceId(): string {
  return `0${crypto.randomUUID().replaceAll("-", "").slice(1)}`;
}

/** Asks until there are `count` spans or time is up: proxies report every 5 s. What came is for the test to judge. */
export async function eventually(
  count: number,
  ask: () => Promise<readonly Span[]>,
): Promise<readonly Span[]> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const spans = await ask();
    if (spans.length >= count || Date.now() > deadline) return spans;
    await sleep(100);
  }
}

/** Without the unreported client: the spans that name it become roots. */
export function belowClient(spans: readonly Span[]): readonly Span[] {
  return spans.map((span) => {
    if (span.parentId !== clientSpanId) return span;
    const { parentId: _, ...root } = span;
    return root;
  });
}

/** The one span of a service with this kind whose name has the text in it. */
export function spanOf(
  spans: readonly Span[],
  service: string,
  kind: string,
  name: string,
): Span | undefined {
  return spans.find(
    (span) =>
      span.localEndpoint?.serviceName === service &&
      span.kind === kind &&
      span.name?.includes(name),
  );
}
