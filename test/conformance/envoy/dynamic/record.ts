/** Records what updates of files do to the real Envoy: `node record.ts` writes file-updates.json. */
import { writeFileSync } from "node:fs";
import { realEnvoy } from "../proxies.ts";
import { createPortAllocator } from "../rig/ports.ts";
import { runUpdates } from "./file-updates.ts";

const seen = await runUpdates(realEnvoy(), createPortAllocator(9));
writeFileSync(
  new URL("./file-updates.json", import.meta.url),
  `${JSON.stringify(seen, null, 1)}\n`,
);
