import { createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { checkPorts, findFreePorts, PortsTakenError } from "./port-check.ts";
import { findPortHolder, listeningInodes } from "./port-holder.ts";

let server: Server | undefined;
afterEach(() => server?.close());

function listen(): Promise<number> {
  return new Promise((resolve) => {
    server = createServer().listen(0, () => {
      const address = server?.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
}

test("a port in use is named with who needs it and who holds it", async () => {
  const port = await listen();
  const error = await checkPorts([{ port, neededBy: "front-proxy" }]).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(PortsTakenError);
  expect(String(error)).toContain(`port ${port} (front-proxy) is in use`);
  if (process.platform === "linux") {
    expect(String(error)).toContain(`by process ${process.pid} (`);
    expect(await findPortHolder(port)).toMatchObject({ pid: process.pid });
  }
});

test("all taken ports are told at once, free ones pass", async () => {
  const port = await listen();
  const [free = 0] = await findFreePorts(1);
  await checkPorts([{ port: free, neededBy: "a" }]);
  const error = await checkPorts([
    { port, neededBy: "a" },
    { port, neededBy: "b" },
    { port: free, neededBy: "c" },
  ]).catch((e: unknown) => e);
  expect(error instanceof PortsTakenError && error.taken.map(({ neededBy }) => neededBy)).toEqual([
    "a",
    "b",
  ]);
});

test("only listening sockets of that port count", () => {
  // From `cat /proc/net/tcp` on Linux 6.1; 1F90 is 8080.
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 222 1 0 20 4 30 10 -1
   2: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1 0 100 0 0 10 0`;
  expect(listeningInodes(table, 8080)).toEqual(["111"]);
  expect(listeningInodes(table, 81)).toEqual([]);
});

test("a port nobody holds, or no /proc, has no holder", async () => {
  const [free = 0] = await findFreePorts(1);
  expect(await findPortHolder(free)).toBeUndefined();
  expect(await findPortHolder(free, "/nonexistent")).toBeUndefined();
});
