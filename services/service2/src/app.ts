import {
  createKitApp,
  hostIdentity,
  type ServiceDefinition,
  type ServiceParts,
} from "@tracemesh/service-kit";
import type { Express } from "express";

/** The last hop: answers and calls nobody. */
export async function createApp(parts: ServiceParts): Promise<Express> {
  const { hostname, address } = await hostIdentity();
  return createKitApp(parts, (app) => {
    app.get("/trace/2", (_request, response) => {
      response
        .type("html")
        .send(
          `Hello from behind Envoy (service 2)! hostname: ${hostname} resolvedhostname: ${address}\n`,
        );
    });
  });
}

export const service: ServiceDefinition = {
  name: "service2",
  defaults: { PORT: "8082" },
  createApp,
};
