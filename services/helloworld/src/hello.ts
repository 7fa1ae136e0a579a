import express, { type Express } from "express";

/** The user's container of Knative's sample: `Hello <TARGET>!` on every path. */
export function createHello(target: string | undefined): Express {
  const app = express();
  app.disable("x-powered-by");
  app.use((_request, response) => {
    response.type("text/plain").send(`Hello ${target || "World"}!\n`);
  });
  return app;
}
