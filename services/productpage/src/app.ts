import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createKitApp, type ServiceDefinition, type ServiceParts } from "@tracemesh/service-kit";
import express, { type Express, type Request, type Response } from "express";
import { type BackendAnswer, backendUrls, createBackends } from "./backends.ts";
import { type Product, renderIndexPage, renderProductPage } from "./page.ts";
import { createSessions, maxUserLength } from "./session.ts";

const products: readonly Product[] = JSON.parse(
  readFileSync(new URL("./products.json", import.meta.url), "utf8"),
);

/** Seconds that a browser keeps the style sheet. */
const staticMaxAge = 3_600;

/** The front of bookinfo: a page for people, JSON under /api/v1 for programs. */
export function createApp(parts: ServiceParts): Express {
  const sessions = createSessions(parts.env["SESSION_SECRET"] || randomBytes(32).toString("hex"));
  const backends = createBackends(backendUrls(parts.env), parts);
  const userOf = (request: Request) => sessions.userOf(request.headers.cookie);
  // A client cannot make itself jason by a header: end-user comes from the session alone.
  const callHeaders = (request: Request): Record<string, string> => {
    const user = userOf(request);
    return user === undefined ? {} : { "end-user": user };
  };
  const kit = createKitApp(
    parts,
    (app) => {
      app.use(
        "/static",
        express.static(fileURLToPath(new URL("../static", import.meta.url)), {
          maxAge: staticMaxAge * 1_000,
        }),
      );
      app.get(["/", "/index.html"], (_request, response) => {
        response.type("html").send(renderIndexPage(products));
      });
      app.get("/productpage", async (request, response) => {
        const product = products[0] as Product;
        const headers = callHeaders(request);
        // One after the other, as the sample does: the trace shows details before reviews.
        const details = await backends.details(product.id, headers);
        const reviews = await backends.reviews(product.id, headers);
        response
          .type("html")
          .send(renderProductPage({ product, user: userOf(request), details, reviews }));
      });
      app.post(
        "/login",
        express.urlencoded({ extended: false, limit: "4kb" }),
        (request, response) => {
          const user: unknown = request.body?.username;
          if (typeof user !== "string" || user === "" || user.length > maxUserLength) {
            response
              .status(400)
              .type("text/plain")
              .send(`username must have 1 to ${maxUserLength} characters\n`);
            return;
          }
          response.setHeader("set-cookie", sessions.login(user));
          response.redirect(302, backTo(request));
        },
      );
      app.get("/logout", (request, response) => {
        response.setHeader("set-cookie", sessions.logout());
        response.redirect(302, backTo(request));
      });
      app.get("/api/v1/products", (_request, response) => void response.json(products));
      const api = (path: string, call: (id: number, request: Request) => Promise<BackendAnswer>) =>
        app.get(`/api/v1/products/:id${path}`, async (request, response) => {
          const id = knownProduct(String(request.params["id"]), response);
          if (id !== undefined) answerJson(response, await call(id, request));
        });
      api("", (id, request) => backends.details(id, callHeaders(request)));
      api("/reviews", (id, request) => backends.reviews(id, callHeaders(request)));
      api("/ratings", (id, request) => backends.ratings(id, callHeaders(request)));
    },
    // Not the bookinfo preset: it would relay an end-user header that the client made up.
    { forwarding: { preset: "all", headers: ["user-agent", "cookie", "authorization", "jwt"] } },
  );
  const app = express();
  app.disable("x-powered-by");
  app.get("/health", (_request, response) => {
    response.type("text/plain").send("Product page is healthy");
  });
  return app.use(kit);
}

export const service: ServiceDefinition = {
  name: "productpage",
  defaults: { PORT: "9080" },
  createApp,
};

function knownProduct(text: string, response: Response): number | undefined {
  if (!/^\d{1,9}$/.test(text)) {
    response.status(400).json({ error: `product id "${text}" is not a number` });
    return undefined;
  }
  if (products.some(({ id }) => id === Number(text))) return Number(text);
  response.status(404).json({ error: `no product has the id ${text}` });
  return undefined;
}

function answerJson(response: Response, answer: BackendAnswer): void {
  response.status(answer.status).json(answer.ok ? answer.body : { error: answer.error });
}

/** Back to the page that had the form, but never to another site: only the path of the referrer counts. */
function backTo(request: Request): string {
  const path = URL.parse(request.get("referer") ?? "")?.pathname ?? "";
  return /^\/[^/\\]/.test(path) ? path : "/productpage";
}
