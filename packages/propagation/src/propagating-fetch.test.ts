import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { propagation } from "@opentelemetry/api";
import { afterEach, describe, expect, test } from "vitest";
import { declareSoleInjector } from "./coexistence.ts";
import { type MiddlewareOptions, middleware } from "./middleware.ts";
import { createPropagator } from "./otel-propagator.ts";
import { createFetch } from "./propagating-fetch.ts";
import type { TraceMode } from "./trace-mode.ts";

const T64 = "463ac35c9f6413ad";
const SPAN = "e457b5a2e4d86bd1";
const PARENT = "05e3ac9a4f6e3b90";

const B3 = {
  "x-b3-traceid": T64,
  "x-b3-spanid": SPAN,
  "x-b3-parentspanid": PARENT,
  "x-b3-sampled": "1",
};

const open: Server[] = [];

afterEach(async () => {
  propagation.disable();
  declareSoleInjector(false);
  await Promise.all(open.splice(0).map((server) => server[Symbol.asyncDispose]()));
});

async function listen(server: Server): Promise<string> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Outcome {
  /** What the next service received, of the headers that matter here. */
  readonly received: Readonly<Record<string, string>>;
}

/** client -> a service with middleware and wrapped fetch -> a server that tells what it received. */
async function relay(
  options: MiddlewareOptions & { readonly mode: TraceMode },
  headers: Record<string, string>,
  init: RequestInit = {},
): Promise<Outcome> {
  let received: string[] = [];
  const next = await listen(
    createServer((request, response) => {
      received = request.rawHeaders;
      response.end("ok");
    }),
  );
  const propagate = middleware(options);
  const call = createFetch({ mode: options.mode });
  const service = await listen(
    createServer((request, response) => {
      propagate(request, response, async () => {
        const answer = await call(`${next}/trace/2`, init);
        response.end(await answer.text());
      });
    }),
  );
  expect(await (await fetch(`${service}/trace/1`, { headers })).text()).toBe("ok");
  const pairs = received.flatMap((name, index) =>
    index % 2 === 0 ? [[name.toLowerCase(), received[index + 1] ?? ""]] : [],
  );
  const traced = pairs.filter(([name = ""]) => /^(b3$|x-|trace|end-user|authorization)/.test(name));
  return { received: Object.fromEntries(traced) };
}

describe("forward", () => {
  test("the next service receives what came, byte for byte", async () => {
    const headers = { ...B3, "x-request-id": "Any Id", traceparent: "whatever" };
    expect(await relay({ mode: "forward" }, headers)).toEqual({ received: headers });
  });

  test("a lone decision and a malformed b3 pass as they are", async () => {
    expect(await relay({ mode: "forward" }, { b3: "0" })).toEqual({ received: { b3: "0" } });
    expect(await relay({ mode: "forward" }, { b3: "garbage" })).toEqual({
      received: { b3: "garbage" },
    });
  });

  test("nothing is made up", async () => {
    expect(await relay({ mode: "forward" }, {})).toEqual({ received: {} });
  });

  test("a context that the handler set by hand stays the only one", async () => {
    const init = { headers: { b3: "0", "x-own": "1" } };
    const { received } = await relay({ mode: "forward" }, { ...B3, "x-request-id": "r" }, init);
    expect(received).toEqual({ b3: "0", "x-own": "1", "x-request-id": "r" });
  });

  test("more headers pass when asked for", async () => {
    const headers = { "end-user": "jason", authorization: "Bearer x" };
    const options = { mode: "forward", preset: "bookinfo", headers: ["authorization"] } as const;
    expect(await relay(options, headers)).toEqual({ received: headers });
  });
});

describe("participate, with no tracer registered", () => {
  test("the position goes on as it came", async () => {
    expect(await relay({ mode: "participate" }, { ...B3, "x-request-id": "r" })).toEqual({
      received: { ...B3, "x-request-id": "r" },
    });
  });

  test("lone decisions go on", async () => {
    expect(await relay({ mode: "participate" }, { "x-b3-flags": "1" })).toEqual({
      received: { "x-b3-flags": "1" },
    });
  });

  test("no second context goes out beside the first", async () => {
    const headers = { b3: `${T64}-${SPAN}-1`, traceparent: `00-${"a".repeat(32)}-${SPAN}-01` };
    const stale = { headers: { "x-b3-sampled": "0", b3: "0" } };
    expect(await relay({ mode: "participate" }, headers, stale)).toEqual({
      received: { "x-b3-traceid": T64, "x-b3-spanid": SPAN, "x-b3-sampled": "1" },
    });
  });

  test("malformed B3 does not break the request", async () => {
    expect(await relay({ mode: "participate" }, { b3: "-".repeat(500) })).toEqual({
      received: {},
    });
  });
});

test("off: nothing goes on", async () => {
  expect(await relay({ mode: "off" }, { ...B3, "x-request-id": "r" })).toEqual({ received: {} });
});

test("ignored requests have no trace", async () => {
  const ignore = (path: string): boolean => path === "/trace/1";
  expect(await relay({ mode: "forward", ignore }, B3)).toEqual({ received: {} });
});

describe("beside an OTel instrumentation", () => {
  test.each(["forward", "participate"] as const)("%s leaves its fields to it", async (mode) => {
    propagation.setGlobalPropagator(createPropagator());
    expect(await relay({ mode }, { ...B3, "x-request-id": "r" })).toEqual({
      received: { "x-request-id": "r" },
    });
  });

  test("headers are written where nobody else does", async () => {
    propagation.setGlobalPropagator(createPropagator());
    declareSoleInjector(true);
    expect(await relay({ mode: "participate" }, B3)).toEqual({ received: B3 });
  });
});

test("a Request object keeps its method, headers and body", async () => {
  const seen: unknown[] = [];
  const call = createFetch({
    mode: "participate",
    fetch: async (input, init) => {
      const request = new Request(input, init);
      seen.push(request.method, request.headers.get("content-type"), await request.text());
      return new Response("ok");
    },
  });
  await call(
    new Request("http://reviews:9080/", {
      method: "PUT",
      headers: { "content-type": "text/x" },
      body: "b",
    }),
  );
  expect(seen).toEqual(["PUT", "text/x", "b"]);
});

test("a failed call fails as it would without us", async () => {
  const failure = new TypeError("fetch failed");
  const call = createFetch({ mode: "participate", fetch: () => Promise.reject(failure) });
  await expect(call("http://reviews:9080/")).rejects.toBe(failure);
});
