import { describe, expect, test } from "vitest";
import { fetchHeadersGetter } from "./carriers/fetch-headers.ts";
import { nodeHttpGetter } from "./carriers/node-http.ts";
import { FORWARDING_PRESETS, type ForwardingPreset, forwardedHeaders } from "./forwarding.ts";

const raw = (...rawHeaders: string[]): { rawHeaders: string[] } => ({ rawHeaders });

test("values pass byte for byte, names in lower case", () => {
  const request = raw("X-B3-TraceId", "ABC ", "X-Request-Id", "not-a-uuid", "Accept", "*/*");
  expect(forwardedHeaders(request, nodeHttpGetter)).toEqual({
    "x-b3-traceid": "ABC ",
    "x-request-id": "not-a-uuid",
  });
});

test("empty values are dropped", () => {
  const request = raw("x-b3-parentspanid", "", "x-b3-spanid", "e457b5a2e4d86bd1");
  expect(forwardedHeaders(request, nodeHttpGetter)).toEqual({ "x-b3-spanid": "e457b5a2e4d86bd1" });
});

test("the first value wins on repeats", () => {
  const request = raw("x-b3-traceid", "463ac35c9f6413ad", "X-B3-TraceId", "aaaaaaaaaaaaaaaa");
  expect(forwardedHeaders(request, nodeHttpGetter)).toEqual({ "x-b3-traceid": "463ac35c9f6413ad" });
});

test("fetch Headers: the first value wins, a tracestate list stays whole", () => {
  const headers = new Headers();
  headers.append("x-b3-traceid", "463ac35c9f6413ad");
  headers.append("x-b3-traceid", "aaaaaaaaaaaaaaaa");
  headers.append("tracestate", "a=1");
  headers.append("tracestate", "b=2");
  expect(forwardedHeaders(headers, fetchHeadersGetter)).toEqual({
    "x-b3-traceid": "463ac35c9f6413ad",
    tracestate: "a=1, b=2",
  });
});

describe.each(Object.keys(FORWARDING_PRESETS) as ForwardingPreset[])("preset %s", (preset) => {
  const fields = FORWARDING_PRESETS[preset];

  test("holds what every mesh needs", () => {
    expect(fields).toEqual(
      expect.arrayContaining([
        "x-request-id",
        "b3",
        "x-b3-traceid",
        "x-b3-spanid",
        "x-b3-parentspanid",
        "x-b3-sampled",
        "x-b3-flags",
        "traceparent",
        "tracestate",
      ]),
    );
  });

  test("holds no credentials", () => {
    const credentials = ["authorization", "cookie", "jwt", "proxy-authorization"];
    expect(fields.filter((name) => credentials.includes(name))).toEqual([]);
  });
});

test("credentials pass when asked for", () => {
  const request = raw("authorization", "Bearer x", "cookie", "session=1");
  const options = { preset: "bookinfo", headers: ["Authorization"] } as const;
  expect(forwardedHeaders(request, nodeHttpGetter, options)).toEqual({ authorization: "Bearer x" });
});

test("bookinfo relays the application's own headers", () => {
  const request = raw("end-user", "jason", "user-agent", "curl/8", "x-other", "1");
  expect(forwardedHeaders(request, nodeHttpGetter, { preset: "bookinfo" })).toEqual({
    "end-user": "jason",
    "user-agent": "curl/8",
  });
});
