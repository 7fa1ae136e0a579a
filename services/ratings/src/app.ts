import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createKitApp, type ServiceDefinition, type ServiceParts } from "@tracemesh/service-kit";
import express, { type Express, type Response } from "express";
import { createBehaviour, parseRatingsVersion } from "./behaviour.ts";
import { openRatingStore, type Ratings } from "./rating-store.ts";

/** Bytes of a POST body. */
const bodyLimit = "16kb";

/** `GET` and `POST /ratings/{id}`: the stars of a product by reviewer, in the JSON of the public sample. */
export function createApp(parts: ServiceParts): Express {
  const store = openRatingStore(parts.env["DATABASE_FILE"] || ":memory:");
  parts.onStop(store.close);
  const behaviour = createBehaviour(parseRatingsVersion(parts.env["SERVICE_VERSION"]), {
    now: () => performance.now(),
    random: Math.random,
  });
  const kit = createKitApp(
    parts,
    (app) => {
      app.get("/ratings/:id", async (request, response) => {
        const id = productId(request.params.id, response);
        if (id === undefined) return;
        const answer = behaviour.next();
        if (answer.kind === "unavailable") {
          response.status(503).json({ error: "Service unavailable" });
          return;
        }
        if (answer.delayMs > 0) await sleep(answer.delayMs);
        response.json({ id, ratings: store.find(id) });
      });
      app.post(
        "/ratings/:id",
        express.json({ limit: bodyLimit, type: () => true }),
        (request, response) => {
          const id = productId(request.params.id, response);
          if (id === undefined) return;
          if (!isRatings(request.body)) {
            response.status(400).json({
              error: "please provide valid ratings JSON: reviewer names with 1 to 5 stars",
            });
            return;
          }
          store.replace(id, request.body);
          response.json({ id, ratings: store.find(id) });
        },
      );
    },
    { forwarding: { preset: "bookinfo" } },
  );
  const app = express();
  app.disable("x-powered-by");
  app.get("/health", (_request, response) => {
    if (behaviour.healthy) response.json({ status: "Ratings is healthy" });
    else response.status(500).json({ status: "Ratings is not healthy" });
  });
  return app.use(kit);
}

export const service: ServiceDefinition = {
  name: "ratings",
  defaults: { PORT: "9085", DATABASE_FILE: join(tmpdir(), "tracemesh-ratings.sqlite") },
  createApp,
};

function productId(text: string | undefined, response: Response): number | undefined {
  if (text !== undefined && /^\d{1,9}$/.test(text)) return Number(text);
  response.status(400).json({ error: "please provide numeric product ID" });
  return undefined;
}

function isRatings(body: unknown): body is Ratings {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return false;
  const isStars = (value: unknown) =>
    Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 5;
  return Object.values(body).every(isStars);
}
