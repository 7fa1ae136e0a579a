import { createKitApp, runMain, type ServiceDefinition } from "@tracemesh/service-kit";

const service: ServiceDefinition = {
  name: "hello",
  defaults: { PORT: "8085" },
  createApp: (parts) =>
    createKitApp(parts, (app) => {
      app.get("/", (_request, response) => void response.send("hello\n"));
    }),
};
await runMain(service); // curl localhost:8085
