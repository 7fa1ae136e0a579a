import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { TcpRelay, type TcpRelayEnd, type TcpRelayEvents } from "./tcp-relay.ts";

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** Both ends of a connection: the near one, and the one the relay has. */
async function pair(): Promise<{ far: Socket; relayed: Socket }> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const far = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  far.on("error", () => {});
  const [relayed] = await once(server, "connection");
  cleanups.push(
    () => server.close(),
    () => far.destroy(),
    () => relayed.destroy(),
  );
  return { far, relayed };
}

class Recorder implements TcpRelayEvents {
  up = 0;
  down = 0;
  paused = 0;
  resumed = 0;
  readonly over: Promise<TcpRelayEnd>;
  #resolve: (how: TcpRelayEnd) => void;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<TcpRelayEnd>();
    this.over = promise;
    this.#resolve = resolve;
  }

  onUpstreamBound(bytes: number): void {
    this.up += bytes;
  }

  onDownstreamBound(bytes: number): void {
    this.down += bytes;
  }

  onPaused(): void {
    this.paused++;
  }

  onResumed(): void {
    this.resumed++;
  }

  onOver(how: TcpRelayEnd): void {
    this.#resolve(how);
  }
}

async function relay(
  first?: Buffer,
): Promise<{ client: Socket; service: Socket; events: Recorder }> {
  const downstream = await pair();
  const upstream = await pair();
  const events = new Recorder();
  new TcpRelay(downstream.relayed, upstream.relayed, events).start(first);
  return { client: downstream.far, service: upstream.far, events };
}

async function text(socket: Socket): Promise<string> {
  let all = "";
  for await (const chunk of socket) all += String(chunk);
  return all;
}

test("what was read before comes first, and each direction ends by itself", async () => {
  const { client, service, events } = await relay(Buffer.from("before "));
  client.end("after");
  expect(await text(service)).toBe("before after");
  service.end("the answer");
  expect(await text(client)).toBe("the answer");
  expect(await events.over).toBe("both ended");
  expect([events.up, events.down]).toEqual([12, 10]);
});

test("a reset on one side is a reset on the other", async () => {
  const { client, service, events } = await relay();
  const failed = once(client, "error");
  client.resume();
  service.resetAndDestroy();
  expect(await events.over).toBe("upstream cut");
  expect((await failed)[0]).toMatchObject({ code: "ECONNRESET" });
});

test("a client that goes takes its upstream connection along", async () => {
  const { client, service, events } = await relay();
  const failed = once(service, "error");
  service.resume();
  client.resetAndDestroy();
  expect(await events.over).toBe("downstream cut");
  expect((await failed)[0]).toMatchObject({ code: "ECONNRESET" });
});

test("a service that does not read holds the client back", async () => {
  const { client, service, events } = await relay();
  service.pause();
  const chunk = Buffer.alloc(64 * 1024);
  const total = 64 * 1024 * 1024;
  let sent = 0;
  const pump = (): void => {
    while (sent < total && client.write(chunk)) sent += chunk.length;
  };
  client.on("drain", pump);
  pump();
  await expect.poll(() => events.paused).toBe(1);
  // No more than the sockets' own buffers hold, on either side.
  expect(events.up).toBeLessThan(16 * 1024 * 1024);
  expect(events.resumed).toBe(0);
  let received = 0;
  service.on("data", (data) => {
    received += data.length;
  });
  service.resume();
  await expect.poll(() => received, { timeout: 10_000 }).toBeGreaterThanOrEqual(total);
  expect(events.resumed).toBeGreaterThan(0);
});
