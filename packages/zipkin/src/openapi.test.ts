import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { type RunningZipkin, startZipkin } from "./start-zipkin.ts";

/** The part of JSON Schema that the document uses. */
interface Schema {
  readonly type: "object" | "array" | "string" | "integer";
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

interface Operation {
  readonly parameters: readonly { readonly name: string }[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>
  >;
}

const document: { readonly paths: Readonly<Record<string, { readonly get: Operation }>> } = parse(
  readFileSync(join(import.meta.dirname, "../openapi.yaml"), "utf8"),
);

let zipkin: RunningZipkin;
let base: string;
const traceId = "0000000000000001";
const start = Date.now() * 1000 - 1_000_000;

beforeAll(async () => {
  const log = (line: string) => expect(line).toBe("");
  zipkin = await startZipkin({ env: {}, port: 0, host: "127.0.0.1", log });
  base = `http://127.0.0.1:${zipkin.port}`;
  const client = {
    traceId,
    id: "0000000000000002",
    kind: "CLIENT",
    timestamp: start,
    duration: 900,
    localEndpoint: { serviceName: "shop" },
    remoteEndpoint: { serviceName: "payments" },
  };
  const server = {
    ...client,
    kind: "SERVER",
    shared: true,
    duration: 700,
    localEndpoint: { serviceName: "payments" },
    remoteEndpoint: undefined,
    tags: { error: "" },
  };
  await fetch(`${base}/api/v2/spans`, { method: "POST", body: JSON.stringify([client, server]) });
});
afterAll(() => zipkin.close());

/** Where the value is not as described: also a member that the description does not have. */
function differences(value: unknown, schema: Schema, at = "$"): string[] {
  if (schema.type === "array") {
    if (!Array.isArray(value)) return [`${at} is no array`];
    const { items } = schema;
    return items === undefined
      ? []
      : value.flatMap((item, i) => differences(item, items, `${at}[${i}]`));
  }
  if (schema.type === "object") return objectDifferences(value, schema, at);
  const fits = schema.type === "integer" ? Number.isInteger(value) : typeof value === schema.type;
  return fits ? [] : [`${at} is ${JSON.stringify(value)}, not ${schema.type}`];
}

function objectDifferences(value: unknown, schema: Schema, at: string): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [`${at} is no object`];
  }
  const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value, name));
  const found = missing.map((name) => `${at}.${name} is missing`);
  if (schema.properties === undefined) return found;
  for (const [name, member] of Object.entries(value)) {
    const inner = schema.properties[name];
    if (inner === undefined) found.push(`${at}.${name} is not described`);
    else found.push(...differences(member, inner, `${at}.${name}`));
  }
  return found;
}

function described(path: string, status: string, type: string): Schema | undefined {
  const operation = document.paths[path]?.get;
  const content = operation?.responses[status]?.content?.[type];
  if (content === undefined) throw new Error(`openapi.yaml has no ${status} ${type} for ${path}`);
  return content.schema;
}

test.each([
  "/api/v2/stats",
  "/api/v2/stats?lookback=60000",
  "/api/v2/slowest",
  "/api/v2/slowest?serviceName=shop&limit=1",
])("%s answers as described, and not empty", async (url) => {
  const response = await fetch(base + url);
  expect(response.status).toBe(200);
  const type = response.headers.get("content-type")?.split(";")[0] ?? "";
  const schema = described(url.split("?")[0] ?? "", "200", type);
  if (schema === undefined) throw new Error(`${url} has no schema`);
  const body = await response.text();
  expect(body).toContain(url.includes("stats") ? '"services":[{' : traceId);
  expect(differences(JSON.parse(body), schema)).toEqual([]);
});

test("statistics have every member that is described, for services and edges alike", async () => {
  const response = await fetch(`${base}/api/v2/stats`);
  const stats: { services: [object]; edges: [object] } = JSON.parse(await response.text());
  const schema = described("/api/v2/stats", "200", "application/json");
  const members = (list: string) =>
    Object.keys(schema?.properties?.[list]?.items?.properties ?? {}).toSorted();
  expect(stats).toMatchObject({
    services: [{ serviceName: "payments", requests: 1, errors: 1, meanMicros: 700 }, {}],
    edges: [{ parent: "shop", child: "payments", calls: 1, errors: 1 }],
  });
  expect(Object.keys(stats.services[0]).toSorted()).toEqual(members("services"));
  expect(Object.keys(stats.edges[0]).toSorted()).toEqual(members("edges"));
});

test("the stream is of the described type, and its event holds the trace", async () => {
  const quick = await fetch(`${base}/api/v2/stream?quietMs=1`);
  expect(quick.status).toBe(200);
  const type = quick.headers.get("content-type")?.split(";")[0] ?? "";
  expect(() => described("/api/v2/stream", "200", type)).not.toThrow();
  const span = { traceId: "0000000000000003", id: "0000000000000003", timestamp: start };
  await fetch(`${base}/api/v2/spans`, { method: "POST", body: JSON.stringify([span]) });
  let events = "";
  for await (const chunk of quick.body ?? []) {
    events += Buffer.from(chunk).toString("utf8");
    if (/event: trace\ndata: .*\n\n/.test(events)) break;
  }
  const [, data = ""] = /event: trace\ndata: (.*)\n\n/.exec(events) ?? [];
  expect(JSON.parse(data)).toEqual([span]);
});

test.each(
  Object.entries(document.paths).flatMap(([path, { get }]) =>
    get.parameters
      .filter(({ name }) => name !== "serviceName")
      .map(({ name }) => `${path}?${name}=`),
  ),
)("%s refuses what is out of range or no number, as described", async (url) => {
  for (const value of ["0", "-1", "x", "1.5"]) {
    const response = await fetch(base + url + value);
    expect(response.status, value).toBe(400);
    expect(Object.keys(document.paths[url.split("?")[0] ?? ""]?.get.responses ?? {})).toContain(
      "400",
    );
    expect(await response.text()).not.toBe("");
  }
});
