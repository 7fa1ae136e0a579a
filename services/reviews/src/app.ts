import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import {
  createKitApp,
  type Env,
  type ServiceDefinition,
  type ServiceParts,
  SettingsError,
} from "@tracemesh/service-kit";
import express, { type Express } from "express";
import { fetchRatings } from "./rating-client.ts";
import { openReviewStore } from "./review-store.ts";
import { composeReviews, type StarColor, starColors } from "./reviews-answer.ts";

/** Milliseconds to wait for ratings; the sample's black stars (v2) are the patient ones. */
const ratingsTimeoutMs = { black: 10_000, red: 2_500 } as const;

/** `GET /reviews/{id}`: v1 shows no stars, v2 (ENABLE_RATINGS) black ones, v3 (STAR_COLOR=red) red ones. */
export function createApp(parts: ServiceParts): Express {
  const { env, fetch, log } = parts;
  const store = openReviewStore(env["DATABASE_FILE"] || ":memory:");
  parts.onStop(store.close);
  const color = starColor(env);
  const baseUrl = ratingsUrl(env);
  const podname = env["POD_NAME"] || env["HOSTNAME"] || hostname();
  const clustername = env["CLUSTER_NAME"] ?? "";
  const kit = createKitApp(
    parts,
    (app) => {
      app.get("/reviews/:id", async (request, response) => {
        const { id } = request.params;
        const ratings =
          color &&
          (await fetchRatings(id, { fetch, baseUrl, log, timeoutMs: ratingsTimeoutMs[color] }));
        response.json(composeReviews({ id, podname, clustername }, store.find(id), color, ratings));
      });
    },
    { forwarding: { preset: "bookinfo", headers: ["cookie", "authorization", "jwt"] } },
  );
  const app = express();
  app.disable("x-powered-by");
  app.get("/health", (_request, response) => void response.json({ status: "Reviews is healthy" }));
  return app.use(kit);
}

export const service: ServiceDefinition = {
  name: "reviews",
  defaults: { PORT: "9082", DATABASE_FILE: join(tmpdir(), "tracemesh-reviews.sqlite") },
  createApp,
};

/** Undefined: no stars. */
function starColor(env: Env): StarColor | undefined {
  const wanted = env["STAR_COLOR"] || "black";
  const color = starColors.find((known) => known === wanted);
  if (!color)
    throw new SettingsError([`STAR_COLOR "${wanted}" is not one of ${starColors.join(", ")}`]);
  return env["ENABLE_RATINGS"] === "true" ? color : undefined;
}

function ratingsUrl(env: Env): string {
  const domain = env["SERVICES_DOMAIN"] ? `.${env["SERVICES_DOMAIN"]}` : "";
  return `http://${env["RATINGS_HOSTNAME"] || "ratings"}${domain}:${env["RATINGS_SERVICE_PORT"] || "9080"}`;
}
