/** The clients: raw bytes over TCP or TLS, and HTTP/2. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";

/** How long anything may take. */
const patienceMs = 5_000;

/** What a client does, in order: send text, wait for as much text, end its direction, wait for the connection's end. */
export type Move = { readonly send: string } | { readonly until: string } | "end" | "closed";

/** Everything received, and how it ended: `|end` for an orderly end, `|reset`, `|<code of a TLS error>`. */
export async function talk(socket: Socket, moves: readonly Move[]): Promise<string> {
  let received = "";
  let ending = "";
  const changed = new EventTarget();
  const tell = (): void => {
    changed.dispatchEvent(new Event("change"));
  };
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
    tell();
  });
  socket.on("end", () => {
    ending ||= "|end";
    tell();
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    ending ||= error.code === "ECONNRESET" || error.code === "EPIPE" ? "|reset" : `|${error.code}`;
    tell();
  });
  socket.on("close", tell);
  const until = async (done: () => boolean): Promise<void> => {
    const limit = AbortSignal.timeout(patienceMs);
    while (!done()) {
      if (limit.aborted) {
        ending ||= "|nothing more";
        return;
      }
      await Promise.race([once(changed, "change"), once(limit, "abort")]);
    }
  };
  for (const move of moves) {
    if (move === "end") socket.end();
    else if (move === "closed") await until(() => ending !== "" || socket.destroyed);
    else if ("send" in move) socket.write(move.send, "latin1");
    else await until(() => received.includes(move.until) || ending !== "");
  }
  socket.destroy();
  return received + ending;
}

export function tcp(port: number): Socket {
  return connect({ port, host: "127.0.0.1", allowHalfOpen: true });
}

export function tls(port: number, options: ConnectionOptions = {}): TLSSocket {
  return connectTls({
    port,
    host: "127.0.0.1",
    servername: "server.test",
    rejectUnauthorized: false,
    ...options,
  });
}

/** Sends each text and waits for what comes back, all from one port. */
export async function exchangeDatagrams(
  port: number,
  texts: readonly string[],
  patience: number = patienceMs,
): Promise<readonly string[]> {
  const socket = createSocket("udp4");
  const answers: string[] = [];
  try {
    for (const text of texts) {
      socket.send(text, port, "127.0.0.1");
      const [answer] = await once(socket, "message", { signal: AbortSignal.timeout(patience) });
      answers.push(String(answer));
    }
  } catch (error) {
    answers.push((error as Error).name);
  }
  socket.close();
  return answers;
}

/** What the handshake came to: `TLSv1.3 TLS_AES_256_GCM_SHA384 alpn=h2 CN=server.test`, or the error's code. */
export async function handshake(port: number, options: ConnectionOptions = {}): Promise<string> {
  const socket = tls(port, options);
  try {
    await once(socket, "secureConnect");
    const { name } = socket.getCipher();
    const subject = socket.getPeerX509Certificate()?.subject ?? "";
    return `${socket.getProtocol()} ${name} alpn=${socket.alpnProtocol || ""} ${subject}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    socket.destroy();
  }
}

/** One HTTP/1 request on a connection of its own; the answer as status line, headers and body, without what differs from run to run. */
export async function request(
  socket: Socket,
  path = "/",
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const all = { host: "a.test", ...headers, connection: "close" };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const send = `GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
  return steady(await talk(socket, [{ send }, "closed"]));
}

export async function http2Request(port: number, options: ConnectionOptions = {}): Promise<string> {
  const session = connectHttp2("https://a.test", {
    createConnection: () => tls(port, { ALPNProtocols: ["h2"], ...options }),
  });
  const stream = session.request({ ":path": "/", ":authority": "a.test" });
  let body = "";
  stream.on("data", (chunk) => {
    body += String(chunk);
  });
  const [headers] = await once(stream, "response");
  await once(stream, "end");
  session.close();
  return `${headers[":status"]}\n${steady(body)}`;
}

/** Ids, times and hashes of certificates are new each time. */
export function steady(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "<id>")
    .replaceAll(/date: [^\r\n]*/g, "date: <date>")
    .replaceAll(/x-envoy-upstream-service-time: \d+/g, "x-envoy-upstream-service-time: <ms>")
    .replaceAll(/Hash=[0-9a-f]{64}/g, "Hash=<hash>")
    .replaceAll("\r\n", "\n");
}
