/** Istio's manifests switch the routing of the running mesh: contract section G, weights, faults, bad edits. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, belowClient, eventually, hop, meshTree, spanOf, throughGateway } from "./bookinfo.ts";
import { type Mesh, startMesh } from "./mesh.ts";
import { shapeOf } from "./trace-shape.ts";

const routes = (name: string) =>
  fileURLToPath(new URL(`../../deploy/istio/routes/${name}.yaml`, import.meta.url));
const podOf = (page: string) => /Reviews served by: <code>(.*?)<\/code>/.exec(page)?.[1];

let folder: string;
let file: string;
let mesh: Mesh;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tracemesh-routes-"));
  file = join(folder, "routes.yaml");
  await copyFile(routes("reviews-jason"), file);
  mesh = await startMesh({
    services: ["ingress-gateway"],
    args: ["--routes", file],
    portOffset: 13_200,
    env: { TRACE_MODE: "forward", SESSION_SECRET: "for tests" },
  });
});
afterAll(async () => {
  await mesh?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Every proxy follows the file by itself: all of them say so. */
async function switchTo(text: string): Promise<void> {
  const said = () => mesh.output.split("new configuration in force").length;
  const before = said();
  await writeFile(file, text);
  await expect.poll(said, { timeout: 10_000 }).toBeGreaterThan(before);
  await settledOutput();
}

/** Until no proxy has anything more to say. */
async function settledOutput(): Promise<void> {
  let length = -1;
  await expect
    .poll(
      () => {
        const same = mesh.output.length === length;
        length = mesh.output.length;
        return same;
      },
      { interval: 500, timeout: 10_000 },
    )
    .toBe(true);
}

function read(name: string): Promise<string> {
  return readFile(routes(name), "utf8");
}

const adminPorts = { "reviews-v1": 15_221, "reviews-v3": 15_241 };

/** How many requests its sidecar has let in. */
async function requestsOf(workload: keyof typeof adminPorts): Promise<number> {
  const url = mesh.url(
    adminPorts[workload],
    "/stats?filter=^http.inbound.*downstream_rq_completed",
  );
  const text = await (await fetch(url)).text();
  return [...text.matchAll(/: (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}

async function login(user: string): Promise<string> {
  const response = await fetch(mesh.url(8080, "/login"), {
    method: "POST",
    body: new URLSearchParams({ username: user }),
    redirect: "manual",
  });
  expect(response.status).toBe(302);
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

describe("jason", () => {
  test("logged in: black stars from v2, and the span says v2", async () => {
    const { body, traceId } = await ask(mesh, "/productpage", { cookie: await login("jason") });
    expect(podOf(body)).toBe("reviews-v2");
    expect(body).toContain('class="stars black"');
    const spans = await mesh.trace(traceId, 9);
    expect(shapeOf(belowClient(spans))).toEqual(meshTree({ ratings: true }));
    const revision = spanOf(spans, "reviews.default", "SERVER", "reviews")?.tags;
    expect(revision?.["istio.canonical_revision"]).toBe("v2");
  });

  test.each([
    ["nobody", {}],
    ["an end-user header that the client made up", { "end-user": "jason" }],
    ["a cookie without a signature", { cookie: "session=amFzb24.AAAA" }],
  ])("%s gets v3", async (_name, headers) => {
    const { body } = await ask(mesh, "/productpage", headers);
    expect(podOf(body)).toBe("reviews-v3");
    expect(body).toContain('class="stars red"');
  });
});

test("an edit of the file switches the routing without a restart: B, reviews v1", async () => {
  await switchTo(await read("all-v1"));
  const { body, traceId } = await ask(mesh, "/productpage");
  expect(podOf(body)).toBe("reviews-v1");
  expect(body).not.toContain('class="stars');
  expect(shapeOf(belowClient(await mesh.trace(traceId, 7)))).toEqual(meshTree({ ratings: false }));
});

test.each([
  ["a subset that is not there", "subset: v1", "subset: v9", "IST0101"],
  ["a host that is not there", "host: reviews\n", "host: reveiws\n", "IST0101"],
  ["a key with a typo", "destination:", "destinatoin:", "destinatoin"],
])(
  "a broken edit is told with its place and changes nothing: %s",
  async (_name, good, bad, said) => {
    const text = await read("all-v1");
    expect(text).toContain(good);
    const from = mesh.output.length;
    await writeFile(file, text.replaceAll(good, bad));
    await expect
      .poll(() => mesh.output.slice(from), { timeout: 10_000 })
      .toContain("the configuration stays as it was");
    await settledOutput();
    expect(mesh.output.slice(from)).toMatch(new RegExp(`routes\\.yaml:\\d+:\\d+: error .*${said}`));
    expect(podOf((await ask(mesh, "/productpage")).body)).toBe("reviews-v1");
    await writeFile(file, text);
    await settledOutput();
  },
);

test("1000 requests at 50/50 stay within the binomial bounds", async () => {
  await switchTo(await read("reviews-50-50"));
  const counts: Record<string, number> = {};
  const one = async (): Promise<void> => {
    const response = await fetch(mesh.url(8080, "/api/v1/products/0/reviews"), {
      headers: { "x-b3-sampled": "0", "x-b3-traceid": "1", "x-b3-spanid": "1" },
    });
    const { podname } = (await response.json()) as { podname: string };
    counts[podname] = (counts[podname] ?? 0) + 1;
  };
  for (let batch = 0; batch < 50; batch++) await Promise.all(Array.from({ length: 20 }, one));
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  expect(total).toBe(1000);
  expect(Object.keys(counts).sort()).toEqual(["reviews-v1", "reviews-v3"]);
  // 500 plus or minus five standard deviations (15.8 each): one run in two million leaves them by chance.
  expect(counts["reviews-v3"]).toBeGreaterThan(421);
  expect(counts["reviews-v3"]).toBeLessThan(579);
}, 90_000);

test("G: an abort of details: 555 and FI, no span of details, and the page all the same", async () => {
  await switchTo(await read("fault-details-abort"));
  const { status, body, traceId } = await ask(mesh, "/productpage");
  expect(status).toBe(200);
  expect(body).toContain("Sorry, product details are currently unavailable for this book.");
  const spans = await mesh.trace(traceId, 8);
  const [detailsHop] = Object.keys(hop("productpage", "details"));
  expect(shapeOf(belowClient(spans))).toEqual(
    throughGateway({
      [detailsHop ?? ""]: {},
      ...hop("productpage", "reviews", hop("reviews", "ratings")),
    }),
  );
  expect(spanOf(spans, "productpage.default", "CLIENT", "details")?.tags).toMatchObject({
    "http.status_code": "555",
    response_flags: "FI",
    error: "true",
  });
});

test("G: an abort of ratings for jason: 500 and FI, and the page says so", async () => {
  await switchTo(await read("fault-ratings-abort"));
  const cookie = await login("jason");
  const { status, body, traceId } = await ask(mesh, "/productpage", { cookie });
  expect(status).toBe(200);
  expect(body).toContain("Ratings service is currently unavailable");
  const spans = await mesh.trace(traceId, 8);
  expect(spanOf(spans, "ratings.default", "SERVER", "ratings")).toBeUndefined();
  expect(spanOf(spans, "reviews.default", "CLIENT", "ratings")?.tags).toMatchObject({
    "http.status_code": "500",
    response_flags: "FI",
    error: "true",
  });
  const other = await ask(mesh, "/productpage");
  expect(other.body).toContain('class="stars red"');
});

test("G: ratings 7 s late for jason: reviews are given up twice, 13 spans in the end", async () => {
  await switchTo(await read("fault-ratings-delay"));
  const cookie = await login("jason");
  const { status, body, traceId } = await ask(mesh, "/productpage", { cookie });
  expect(status).toBe(200);
  expect(body).toContain("Sorry, product reviews are currently unavailable for this book.");
  const spans = await eventually(13, () => mesh.trace(traceId, 13));
  expect(spans).toHaveLength(13);
  const cut = spans.filter(
    ({ name, tags }) => name?.startsWith("reviews.") && tags?.["response_flags"] === "DC",
  );
  expect(cut.map(({ kind }) => kind).sort()).toEqual(["CLIENT", "CLIENT", "SERVER", "SERVER"]);
  for (const { tags } of cut)
    expect(tags).toMatchObject({ "http.status_code": "0", error: "true" });
  const late = spans.filter(({ name, kind }) => name?.startsWith("ratings.") && kind === "CLIENT");
  expect(late.map(({ tags }) => tags?.["response_flags"])).toEqual(["DI", "DI"]);
}, 60_000);

test("a mirror: reviews v3 gets a copy of each request, v1 answers, and the trace is tree B", async () => {
  await switchTo(await read("reviews-mirror"));
  const before = await requestsOf("reviews-v3");
  const traces: string[] = [];
  for (let i = 0; i < 5; i++) {
    const { status, body, traceId } = await ask(mesh, "/productpage");
    expect(status).toBe(200);
    expect(podOf(body)).toBe("reviews-v1");
    traces.push(traceId);
  }
  await expect.poll(() => requestsOf("reviews-v3"), { timeout: 5_000 }).toBe(before + 5);
  // Istio has copies make no spans.
  for (const traceId of traces)
    expect(shapeOf(belowClient(await mesh.trace(traceId, 7)))).toEqual(
      meshTree({ ratings: false }),
    );
});

test("Telemetry at 10 % records about one request in ten, and then the whole trace", async () => {
  await switchTo(await read("telemetry-10"));
  const before = (await mesh.traces(1)).length;
  for (let batch = 0; batch < 15; batch++) {
    const requests = Array.from({ length: 20 }, async () => {
      await (await fetch(mesh.url(8080, "/api/v1/products"))).text();
    });
    await Promise.all(requests);
  }
  const fresh = (await mesh.traces(before + 1)).length - before;
  // 30 plus or minus five standard deviations (5.2 each).
  expect(fresh).toBeGreaterThan(4);
  expect(fresh).toBeLessThan(56);
}, 60_000);

test.each([
  ["is not there", "nowhere.yaml", undefined, "no such file"],
  ["has errors", "broken.yaml", "apiVersion: v1\nkind: Service\nmetadata: {}\n", "broken.yaml:"],
])("a routes file that %s stops the start and says so", async (_name, name, text, said) => {
  const path = join(folder, name);
  if (text !== undefined) await writeFile(path, text);
  const starting = startMesh({
    services: ["ingress-gateway"],
    args: ["--routes", path],
    portOffset: 15_700,
  });
  await expect(starting).rejects.toThrow(said);
});
