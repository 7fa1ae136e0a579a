import { createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createOutgoing, lookupFrom, type Outgoing } from "./outgoing.ts";

const servers: Server[] = [];
const opened: Outgoing[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((outgoing) => outgoing.close()));
  for (const server of servers.splice(0)) server.close();
});

/** A server that notes the head of each request as it came over the wire and answers "ok". */
async function wire(): Promise<{ port: number; heads: string[] }> {
  const heads: string[] = [];
  const server = createServer((socket) => {
    socket.on("data", (bytes) => {
      heads.push(bytes.toString());
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { port: typeof address === "object" && address ? address.port : 0, heads };
}

function open(outgoing: Outgoing): typeof fetch {
  opened.push(outgoing);
  return outgoing.fetch;
}

test("host names resolve as told, the Host header keeps the name", async () => {
  const { port, heads } = await wire();
  const fetch = open(createOutgoing({ lookup: lookupFrom(new Map([["service2", "127.0.0.1"]])) }));
  const response = await fetch(`http://service2:${port}/trace/2`);
  expect(await response.text()).toBe("ok");
  expect(heads[0]).toMatch(/^GET \/trace\/2 HTTP\/1\.1\r\n/);
  expect(heads[0]?.toLowerCase()).toContain(`\r\nhost: service2:${port}\r\n`);
});

test("with a proxy, plain HTTP goes there in absolute form", async () => {
  const { port, heads } = await wire();
  const fetch = open(createOutgoing({ proxy: `http://127.0.0.1:${port}` }));
  const headers = { "x-b3-sampled": "1" };
  expect(await (await fetch("http://reviews:9080/reviews/0?x=1", { headers })).text()).toBe("ok");
  const head = heads[0]?.toLowerCase() ?? "";
  expect(head).toMatch(/^get http:\/\/reviews:9080\/reviews\/0\?x=1 http\/1\.1\r\n/);
  expect(head).toContain("\r\nhost: reviews:9080\r\n");
  expect(head.match(/\r\nhost:/g)).toHaveLength(1);
  expect(head).toContain("\r\nx-b3-sampled: 1\r\n");
  expect(heads).toHaveLength(1);
});

test("a name that does not resolve fails with the name", async () => {
  const fetch = open(createOutgoing({ lookup: () => Promise.resolve([]) }));
  await expect(fetch("http://nowhere:8080/")).rejects.toMatchObject({
    cause: { message: "no address for nowhere" },
  });
});
