/** Random requests: trace headers in every state from right to nonsense, request ids, and what steers tracing. */
import fc from "fast-check";
import type { CaseRequest } from "../../rig/recorded-case.ts";

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(..."0123456789abcdef"), { minLength: length, maxLength: length })
    .map((digits) => digits.join(""));

const id64 = fc.oneof(
  { weight: 8, arbitrary: hex(16) },
  fc.constantFrom(
    "0".repeat(16),
    "",
    "48485a39",
    "NOTHEXNOTHEXNOTH",
    "463AC35C9F6413AD",
    "463ac35c9f6413ad1",
    "-1",
  ),
);
const traceId = fc.oneof(
  { weight: 5, arbitrary: hex(16) },
  { weight: 5, arbitrary: hex(32) },
  fc.constantFrom(
    "0".repeat(32),
    `${"0".repeat(16)}463ac35c9f6413ad`,
    "463ac35c",
    "",
    "xyz",
    "463AC35C9F6413AD48485A3953BB6124",
  ),
  hex(17),
  hex(33),
);
const sampled = fc.constantFrom("0", "1", "d", "true", "false", "True", "", "2", "yes", " 1");

const single = fc.oneof(
  fc.constantFrom("0", "1", "d", "", "x", "-", "--", "0-", "1-1", "d-d"),
  fc
    .tuple(
      traceId,
      id64,
      fc.option(fc.constantFrom("0", "1", "d", "x", "", "true")),
      fc.option(id64),
    )
    .map(([trace, span, state, parent]) =>
      [trace, span, ...(state === null ? [] : [state]), ...(parent === null ? [] : [parent])].join(
        "-",
      ),
    ),
);

const traceparent = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("00", "01", "ff", "0"),
      traceId,
      id64,
      fc.constantFrom("00", "01", "02", "03", "ff", "1", "zz"),
    )
    .map((parts) => parts.join("-")),
  fc
    .tuple(hex(32), hex(16), fc.constantFrom("00", "01"))
    .map(([trace, span, flags]) => `00-${trace}-${span}-${flags}`),
  fc.constantFrom("", "00", "garbage"),
);

const requestId = fc.oneof(
  { weight: 4, arbitrary: fc.uuid() },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.uuid(), fc.constantFrom("4", "9", "a", "b", "0", "f"))
      .map(([id, nibble]) => id.slice(0, 14) + nibble + id.slice(15)),
  },
  fc.uuid().map((id) => id.toUpperCase()),
  fc.constantFrom(
    "",
    "not-a-uuid",
    "123",
    "x".repeat(36),
    `${"a".repeat(8)}-${"b".repeat(4)}-${"c".repeat(4)}-${"d".repeat(4)}-${"e".repeat(11)}`,
  ),
);

const header = fc.oneof(
  fc.tuple(fc.constant("x-b3-traceid"), traceId),
  fc.tuple(fc.constant("x-b3-spanid"), id64),
  fc.tuple(fc.constant("x-b3-parentspanid"), id64),
  fc.tuple(fc.constant("x-b3-sampled"), sampled),
  fc.tuple(fc.constant("x-b3-flags"), fc.constantFrom("1", "0", "", "2")),
  fc.tuple(fc.constant("b3"), single),
  fc.tuple(fc.constant("traceparent"), traceparent),
  fc.tuple(fc.constant("tracestate"), fc.constantFrom("", "a=1", "a=1,b=2", "bad")),
  fc.tuple(fc.constant("x-request-id"), requestId),
  fc.tuple(
    fc.constant("x-client-trace-id"),
    fc.constantFrom("", "mine", "ef7a5ad2-0000-4000-8000-000000000000"),
  ),
  fc.tuple(fc.constant("x-envoy-force-trace"), fc.constantFrom("", "1", "true", "0")),
  fc.tuple(fc.constant("x-envoy-decorator-operation"), fc.constantFrom("", "theirs")),
  fc.tuple(fc.constant("x-envoy-internal"), fc.constantFrom("", "true")),
  fc.tuple(fc.constant("x-envoy-downstream-service-cluster"), fc.constantFrom("", "caller")),
  fc.tuple(
    fc.constant("x-forwarded-for"),
    fc.constantFrom("", "10.0.0.1", "8.8.8.8", "8.8.8.8, 10.0.0.1", "127.0.0.1", "nonsense"),
  ),
  fc.tuple(fc.constant("x-forwarded-proto"), fc.constantFrom("", "https", "http", "HTTPS", "ftp")),
  fc.tuple(fc.constant("user-agent"), fc.constantFrom("", "curl/8.0", "Envoy/HC")),
  fc.tuple(fc.constant("host"), fc.constantFrom("example.test", "Shop.Example:8080", "127.0.0.1")),
);

/** A complete and correct context, so that the parsers are not all that is tested. */
const context = fc
  .record({
    trace: fc.oneof(hex(16), hex(32)),
    span: hex(16),
    parent: fc.option(hex(16)),
    sampled: fc.option(fc.constantFrom("0", "1")),
  })
  .map(({ trace, span, parent, sampled: state }): [string, string][] => [
    ["x-b3-traceid", trace],
    ["x-b3-spanid", span],
    ...(parent === null ? [] : [["x-b3-parentspanid", parent] as [string, string]]),
    ...(state === null ? [] : [["x-b3-sampled", state] as [string, string]]),
  ]);

/** A correct traceparent, with or without a decision in B3's words beside it. */
const w3cContext = fc
  .record({
    trace: hex(32),
    span: hex(16),
    flags: fc.constantFrom("00", "01", "03"),
    sampled: fc.option(fc.constantFrom("0", "1", "d")),
  })
  .map(({ trace, span, flags, sampled: state }): [string, string][] => [
    ["traceparent", `00-${trace}-${span}-${flags}`],
    ...(state === null ? [] : [["x-b3-sampled", state] as [string, string]]),
  ]);

export const fuzzedRequests: fc.Arbitrary<CaseRequest> = fc
  .record({
    method: fc.constantFrom("GET", "POST", "HEAD", "DELETE"),
    path: fc.constantFrom("/", "/items/1?q=x", "/a/../b", "/%7Euser", "//double"),
    context: fc.option(fc.oneof(context, w3cContext), { freq: 2 }),
    headers: fc.array(header, { maxLength: 5 }),
  })
  .map(({ method, path, context: own, headers }) => ({
    method,
    path,
    // Two Host lines are a refused request, which the corpus of the HTTP/1 codec covers.
    headers: onlyFirst("host", [...(own ?? []), ...headers]),
  }));

function onlyFirst(name: string, headers: readonly [string, string][]): [string, string][] {
  const at = headers.findIndex(([key]) => key === name);
  return headers.filter(([key], index) => key !== name || index === at);
}
