/** The compressor, the real Envoy and ours side by side: the same headers, the same text, the same counters. */
import type { RequestListener } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { router, routesOfAll, types } from "../rig/configuration-parts.ts";
import { type Ask, filterTypes, type Side, type Sides, startSides } from "./side-by-side.ts";

const minute = 60_000;
const name = "envoy.filters.http.compressor";
const json = "application/json";

const compressor = (library: string, fields: object, response: object) => ({
  name,
  typed_config: {
    "@type": `${filterTypes}.compressor.v3.Compressor`,
    response_direction_config: {
      common_config: { min_content_length: 100, content_type: [json] },
      ...response,
    },
    compressor_library: {
      name: "text_optimized",
      typed_config: {
        "@type": `${types}.extensions.compression.${library}`,
        ...fields,
      },
    },
  },
});

const libraries = [
  { encoding: "gzip", filter: compressor("gzip.compressor.v3.Gzip", {}, {}) },
  {
    encoding: "br",
    filter: compressor(
      "brotli.compressor.v3.Brotli",
      { window_bits: 10 },
      { disable_on_etag_header: true },
    ),
  },
  {
    encoding: "zstd",
    filter: compressor(
      "zstd.compressor.v3.Zstd",
      { compression_level: 10 },
      { remove_accept_encoding_header: true },
    ),
  },
] as const;

/** What the upstream answers, said in the query: its headers, how long its body is, its status. */
const answering = (
  headers: Readonly<Record<string, string>>,
  { bytes = 500, status = 200 }: { readonly bytes?: number; readonly status?: number } = {},
) =>
  `/?${new URLSearchParams({ headers: JSON.stringify(headers), bytes: String(bytes), status: String(status) })}`;

const typed = { "content-type": json };
const answers: readonly (readonly [name: string, path: string])[] = [
  ["a text", answering(typed)],
  ["a type with parameters", answering({ "content-type": `${json}; charset=utf-8` })],
  ["another type", answering({ "content-type": "text/plain" })],
  ["no type", answering({})],
  ["too short a body", answering(typed, { bytes: 99 })],
  ["just long enough", answering(typed, { bytes: 100 })],
  ["nothing", answering(typed, { bytes: 0 })],
  ["a large body", answering(typed, { bytes: 3_000_000 })],
  ["chunks", answering({ ...typed, "transfer-encoding": "chunked" })],
  ["a strong etag", answering({ ...typed, etag: '"x"' })],
  ["a weak etag", answering({ ...typed, etag: 'W/"x"' })],
  ["no-transform", answering({ ...typed, "cache-control": "public, No-Transform" })],
  ["encoded already", answering({ ...typed, "content-encoding": "foo" })],
  ["vary", answering({ ...typed, vary: "origin" })],
  ["vary by the same", answering({ ...typed, vary: "origin, accept-encoding" })],
  ["vary by all", answering({ ...typed, vary: "*" })],
  ["206", answering(typed, { status: 206 })],
  ["404", answering(typed, { status: 404 })],
  ["204", answering(typed, { status: 204 })],
  ["304", answering(typed, { status: 304 })],
];

const wishes = (encoding: string): readonly (string | undefined)[] => [
  undefined,
  encoding,
  "*",
  "deflate",
  "identity",
  encoding.toUpperCase(),
  `${encoding};q=0`,
  `${encoding};q=0.5, identity;q=1`,
  `${encoding};q=0.5, identity;q=0.4`,
  `${encoding};q=0, *`,
  `${encoding};q=nonsense`,
  "*;q=0",
  `deflate, ${encoding}`,
  `${encoding} ; q = 0.3`,
];

/** The service that does so. */
const service: RequestListener = (request, response) => {
  const query = new URL(request.url ?? "", "http://upstream").searchParams;
  const headers: Record<string, string> = JSON.parse(query.get("headers") ?? "{}");
  const status = Number(query.get("status"));
  const body = "0123456789".repeat(300_000).slice(0, Number(query.get("bytes")));
  const isEmpty = status === 204 || status === 304 || request.method === "HEAD";
  if (!isEmpty && headers["transfer-encoding"] === undefined)
    response.setHeader("content-length", body.length);
  response.setHeader("x-asked", request.headers["accept-encoding"] ?? "nothing");
  response.writeHead(status, headers).end(isEmpty ? undefined : body);
};

const off = { "@type": `${filterTypes}.compressor.v3.CompressorPerRoute`, disabled: true };
const routes = [
  {
    match: { prefix: "/off" },
    route: { cluster: "service", prefix_rewrite: "/" },
    typed_per_filter_config: { [name]: off },
  },
  { match: { prefix: "/" }, route: { cluster: "service" } },
];

describe.each(libraries)("$encoding", ({ encoding, filter }) => {
  let sides: Sides;
  let real: Side;
  let ours: Side;
  beforeAll(async () => {
    const manager = { route_config: routesOfAll(routes), http_filters: [filter, router()] };
    sides = await startSides(manager, service);
    ({ real, ours } = sides);
  }, 3 * minute);
  afterAll(() => sides?.stop());

  async function same(what: Ask): Promise<void> {
    expect(await ours.ask(what)).toEqual(await real.ask(what));
  }

  test.each(answers)("%s", async (_name, path) => {
    for (const accepted of [{}, { "accept-encoding": encoding }])
      await same({ path, headers: accepted });
  });

  test.each(wishes(encoding))("accept-encoding: %s", async (wish) => {
    await same({
      path: answering(typed),
      headers: wish === undefined ? {} : { "accept-encoding": wish },
    });
  });

  test("HEAD, and a route that switches it off", async () => {
    const headers = { "accept-encoding": encoding };
    await same({ method: "HEAD", path: answering(typed), headers });
    await same({ path: `/off${answering(typed).slice(1)}`, headers });
  });

  test("the same counters, but for the bytes that came out", async () => {
    const counted = async (side: Side) =>
      (await side.stats(".compressor.")).filter((line) => !line.includes("total_compressed_bytes"));
    const mine = await counted(ours);
    expect(mine).toEqual(await counted(real));
    expect(mine.length).toBeGreaterThan(10);
  });
});
