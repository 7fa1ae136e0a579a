/** A revision's own process: started when a request comes, ended when none has come for a while. Tells its parent the port it listens on. */
import type { AddressInfo } from "node:net";
import { createHello } from "./hello.ts";

const server = createHello(process.env["TARGET"]).listen(0, "127.0.0.1", () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.once("SIGTERM", () => server.close(() => process.exit(0)));
process.once("disconnect", () => process.exit(0));
