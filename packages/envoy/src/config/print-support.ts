/** Prints docs/envoy-support.md. */
import { supportPage } from "./support.ts";

process.stdout.write(supportPage());
