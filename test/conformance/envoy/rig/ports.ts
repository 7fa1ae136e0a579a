/** Free loopback ports that nobody else in this test run holds. Below the range that the system gives to clients (32768 and up). */
import { once } from "node:events";
import net from "node:net";

const size = 1_000;
const first = 20_000;

export interface PortAllocator {
  next(): Promise<number>;
}

/** `slot` keeps parallel processes apart: each has a thousand ports of its own. */
export function createPortAllocator(slot: number): PortAllocator {
  const base = first + (slot % 12) * size;
  let offset = process.pid % size;
  return {
    next: async () => {
      for (let tries = 0; tries < size; tries++) {
        offset = (offset + 1) % size;
        const port = base + offset;
        if (await isFree(port)) return port;
      }
      throw new Error(`no free port in ${base}-${base + size - 1}`);
    },
  };
}

async function isFree(port: number): Promise<boolean> {
  const server = net.createServer();
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
    server.close();
    await once(server, "close");
    return true;
  } catch {
    // Taken: the caller tries the next one.
    return false;
  }
}
