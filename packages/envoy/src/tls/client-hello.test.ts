import { once } from "node:events";
import { createServer } from "node:net";
import { connect } from "node:tls";
import { beforeAll, describe, expect, test } from "vitest";
import { readClientHello } from "./client-hello.ts";

/** What a real client sends first. */
async function capture(servername: string, protocols: readonly string[]): Promise<Buffer> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const client = connect({ port, host: "127.0.0.1", servername, ALPNProtocols: [...protocols] });
  client.on("error", () => {});
  const [socket] = await once(server, "connection");
  const [bytes] = await once(socket, "data");
  socket.destroy();
  client.destroy();
  server.close();
  return bytes;
}

let hello: Buffer;
beforeAll(async () => {
  hello = await capture("WWW.Example.test", ["h2", "http/1.1"]);
});

const expected = {
  kind: "hello",
  hello: { serverName: "www.example.test", applicationProtocols: ["h2", "http/1.1"] },
} as const;

describe("a ClientHello", () => {
  test("gives name and protocols", () => {
    expect(readClientHello(hello)).toEqual(expected);
  });

  test("without extensions for them gives neither", async () => {
    const bare = await capture("", []);
    expect(readClientHello(bare)).toEqual({
      kind: "hello",
      hello: { serverName: "", applicationProtocols: [] },
    });
  });

  test("needs more bytes until it is whole, at every length", () => {
    for (let length = 0; length < hello.length; length++)
      expect(readClientHello(hello.subarray(0, length))).toEqual({ kind: "more" });
  });

  test("may come with what follows it", () => {
    expect(readClientHello(Buffer.concat([hello, Buffer.from([22, 3])]))).toEqual(expected);
  });

  test("may be cut into records of any size", () => {
    const message = hello.subarray(5);
    for (const size of [1, 3, 100]) {
      const records: Buffer[] = [];
      for (let at = 0; at < message.length; at += size) {
        const part = message.subarray(at, at + size);
        records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 0xff]), part);
      }
      expect(readClientHello(Buffer.concat(records))).toEqual(expected);
    }
  });

  test("longer than allowed is none", () => {
    expect(readClientHello(hello, 256)).toEqual({ kind: "none" });
    // Said to be longer: seen before the bytes are there.
    expect(readClientHello(Buffer.from([22, 3, 1, 0x20, 0, 1, 0, 0x40, 1]))).toEqual({
      kind: "none",
    });
  });

  test("with a length that is wrong, at every place, is none, more or a hello, and never a crash", () => {
    for (let at = 0; at < hello.length; at++) {
      for (const byte of [0x00, 0x01, 0x7f, 0xff]) {
        const broken = Buffer.from(hello);
        broken[at] = byte;
        expect(["none", "more", "hello"]).toContain(readClientHello(broken).kind);
      }
    }
  });
});

test.each([
  "GET / HTTP/1.1\r\n\r\n",
  "PRI * HTTP/2.0\r\n",
  "\x16\x02",
  "\x17\x03\x01",
  "\x16\x03\x01\x00\x00",
  "\0",
])("%j is no TLS", (text) => {
  expect(readClientHello(Buffer.from(text, "latin1"))).toEqual({ kind: "none" });
});
