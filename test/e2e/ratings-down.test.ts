/** Contract section G, the program of ratings stopped and its sidecar alive: what each side says, and a page all the same. */
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, belowClient, meshTree, spanOf } from "./bookinfo.ts";
import { type Mesh, startMesh } from "./mesh.ts";
import { shapeOf } from "./trace-shape.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

let folder: string;
let mesh: Mesh;

/** The compose file with ratings on another port than the one its sidecar dials: there, nobody listens. */
async function composeWithoutRatings(): Promise<string> {
  const text = await readFile(join(root, "docker-compose.yml"), "utf8");
  const moved = text
    .replace("PORT: 9085", "PORT: 9089")
    .replace("http://localhost:9085/health", "http://localhost:9089/health")
    .replace('expose: ["9085",', 'expose: ["9089",');
  expect(moved.match(/9089/g)).toHaveLength(3);
  for (const name of ["services", "deploy"]) await symlink(join(root, name), join(folder, name));
  const file = join(folder, "docker-compose.yml");
  await writeFile(file, moved);
  return file;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tracemesh-down-"));
  mesh = await startMesh({
    services: ["ingress-gateway"],
    args: ["--file", await composeWithoutRatings()],
    portOffset: 13_700,
    env: { TRACE_MODE: "forward" },
  });
});
afterAll(async () => {
  await mesh?.stop();
  await rm(folder, { recursive: true, force: true });
});

test("the page is whole but for the stars; 503 with UF at ratings' sidecar, 503 without a flag at reviews'", async () => {
  const { status, body, traceId } = await ask(mesh, "/productpage");
  expect(status).toBe(200);
  expect(body).toContain("Ratings service is currently unavailable");
  const spans = await mesh.trace(traceId, 9);
  expect(shapeOf(belowClient(spans))).toEqual(meshTree({ ratings: true }));
  expect(spanOf(spans, "reviews.default", "CLIENT", "ratings")?.tags).toMatchObject({
    "http.status_code": "503",
    response_flags: "-",
    error: "true",
  });
  expect(spanOf(spans, "ratings.default", "SERVER", "ratings")?.tags).toMatchObject({
    "http.status_code": "503",
    response_flags: "URX,UF",
    error: "true",
  });
});
