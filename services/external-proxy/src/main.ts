import { runMain } from "@tracemesh/service-kit";
import { service } from "./app.ts";

await runMain(service);
