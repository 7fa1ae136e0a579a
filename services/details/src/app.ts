import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKitApp, type ServiceDefinition, type ServiceParts } from "@tracemesh/service-kit";
import express, { type Express } from "express";
import { openBookStore } from "./book-store.ts";

/** `GET /details/{id}`: the facts about a book, in the JSON of the public sample. */
export function createApp(parts: ServiceParts): Express {
  const books = openBookStore(parts.env["DATABASE_FILE"] || ":memory:");
  parts.onStop(books.close);
  const kit = createKitApp(
    parts,
    (app) => {
      app.get("/details/:id", (request, response) => {
        const id = request.params.id;
        if (!/^\d{1,9}$/.test(id)) {
          response.status(400).json({ error: "please provide numeric product id" });
          return;
        }
        const book = books.find(Number(id));
        if (book) response.json(book);
        else response.status(404).json({ error: `no book has the id ${id}` });
      });
    },
    { forwarding: { preset: "bookinfo" } },
  );
  const app = express();
  app.disable("x-powered-by");
  // Not traced, and in the sample's own words.
  app.get("/health", (_request, response) => void response.json({ status: "Details is healthy" }));
  return app.use(kit);
}

export const service: ServiceDefinition = {
  name: "details",
  defaults: { PORT: "9081", DATABASE_FILE: join(tmpdir(), "tracemesh-details.sqlite") },
  createApp,
};
