import { setTimeout as sleep } from "node:timers/promises";
import { trace } from "@opentelemetry/api";
import { activeContext } from "@tracemesh/propagation";
import {
  callUpstream,
  createKitApp,
  integer,
  type ServiceDefinition,
  type ServiceParts,
  SettingsError,
} from "@tracemesh/service-kit";
import type { Express } from "express";
import { createExporter } from "./exporter.ts";

/** Milliseconds: an hour at the most. */
const maxDelayMs = 3_600_000;

/** `GET /`: a program outside the mesh. It starts a trace, waits, calls into the mesh and answers OK. */
export function createApp(parts: ServiceParts): Express {
  const problems: string[] = [];
  const delayMs = integer(parts.env, "DELAY_MS", 0, maxDelayMs, 2_000, problems);
  const timeoutMs = integer(parts.env, "UPSTREAM_TIMEOUT_MS", 1, maxDelayMs, 30_000, problems);
  const gateway = parts.env["INGRESS_GATEWAY"] ?? "";
  const url = `http://${gateway}/productpage`;
  if (gateway === "" || gateway.includes("/") || !URL.canParse(url)) {
    problems.push(`INGRESS_GATEWAY "${gateway}" is not host:port, such as localhost:8080`);
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return createKitApp(parts, (app) => {
    app.get("/", async (_request, response) => {
      trace.getSpan(activeContext())?.updateName("external-proxy/inbound");
      await sleep(delayMs);
      await callUpstream(parts.fetch, url, { signal: AbortSignal.timeout(timeoutMs) });
      response.type("text/plain").send("OK");
    });
  });
}

export const service: ServiceDefinition = {
  name: "external-proxy",
  defaults: { PORT: "5000", INGRESS_GATEWAY: "localhost:8080" },
  createApp,
  createExporter,
};
