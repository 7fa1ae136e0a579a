import {
  baseUrl,
  callUpstream,
  createKitApp,
  hostIdentity,
  type ServiceDefinition,
  type ServiceParts,
} from "@tracemesh/service-kit";
import type { Express } from "express";

/** Calls service 2 through its sidecar's egress listener, then answers. */
export async function createApp(parts: ServiceParts): Promise<Express> {
  const egress = baseUrl(parts.env, "EGRESS_URL", "http://localhost:9000");
  const { hostname, address } = await hostIdentity();
  return createKitApp(parts, (app) => {
    app.get("/trace/1", async (_request, response) => {
      await callUpstream(parts.fetch, `${egress}/trace/2`);
      response
        .type("html")
        .send(
          `Hello from behind Envoy (service 1)! hostname: ${hostname} resolvedhostname: ${address}\n`,
        );
    });
  });
}

export const service: ServiceDefinition = {
  name: "service1",
  defaults: { PORT: "8081" },
  createApp,
};
