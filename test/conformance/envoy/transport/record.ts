/** Records what real Envoy 1.40.0 does with the steps: `node record.ts` writes cases/recorded.json, which transport.test.ts holds ours against. */
import { writeFileSync } from "node:fs";
import { realEnvoy } from "../proxies.ts";
import { createPortAllocator } from "../rig/ports.ts";
import { runTransport } from "./run-transport.ts";

const outcome = await runTransport(realEnvoy(), createPortAllocator(10));
writeFileSync(
  new URL("./cases/recorded.json", import.meta.url),
  `${JSON.stringify(outcome, null, 2)}\n`,
);
