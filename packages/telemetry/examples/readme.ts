import { createTelemetry } from "@tracemesh/telemetry";

const endpoint = process.env["ZIPKIN_ENDPOINT"] ?? "http://localhost:9411/api/v2/spans";
const telemetry = createTelemetry({ serviceName: "loans", endpoint });
await telemetry.withSpan("getLoanList", async (span) => {
  span.setAttribute("user.id", 7);
  await telemetry.withSpan("select", () => ["loan 1"]);
});
await telemetry.shutdown();
