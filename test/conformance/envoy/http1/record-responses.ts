/** What services answer: what Envoy makes of it, and whether it uses the connection again. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { startRecordedEnvoy } from "./recorded-envoy.ts";
import { type Segments, toSegments, toText } from "./segments.ts";

type Ending = "open" | "close" | "rst" | "later";

/** The first six are what is tried, the rest is what came of it. */
export interface ResponseCase {
  readonly name: string;
  readonly source: string;
  readonly method?: string;
  readonly early?: boolean;
  readonly upstream: Segments;
  readonly then: Ending;
  readonly resetBeforeHeaders?: string;
  readonly resetAfterHeaders?: string;
  readonly status?: number;
  readonly headers?: readonly (readonly [name: string, value: Segments])[];
  readonly reused: boolean;
}

/** The bytes must have been read before a RST, which would overtake them. */
const afterBytesMs = 40;

export async function recordResponses(cases: readonly ResponseCase[]): Promise<ResponseCase[]> {
  let script = "";
  let ending: Ending = "open";
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    let seen = "";
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      seen += chunk.toString("latin1");
      if (!seen.includes("\r\n\r\n")) return;
      seen = "";
      const then = ending;
      socket.write(Buffer.from(script, "latin1"), () => {
        if (then === "close") socket.end();
        if (then === "rst") setTimeout(() => socket.resetAndDestroy(), afterBytesMs);
        if (then === "later") setTimeout(() => socket.write("UNASKED"), afterBytesMs);
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const envoy = await startRecordedEnvoy((server.address() as AddressInfo).port, { main: {} });
  const recorded: ResponseCase[] = [];
  try {
    for (const { name, source, method, early, upstream, then } of cases) {
      script = toText(upstream);
      ending = then;
      const request = early
        ? "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc"
        : `${method ?? "GET"} / HTTP/1.1\r\nhost: a\r\n\r\n`;
      const { response, log } = await envoy.send("main", request, false);
      const before = connections;
      script = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
      ending = "open";
      await envoy.send("main", "GET / HTTP/1.1\r\nhost: a\r\n\r\n", false);
      recorded.push({
        name,
        source,
        ...(method === undefined ? {} : { method }),
        ...(early === undefined ? {} : { early }),
        upstream,
        then,
        ...outcome(response, log.join()),
        reused: connections === before,
      });
    }
  } finally {
    await envoy.stop();
    server.close();
  }
  return recorded;
}

/** Of the proxy's own, or of the connection to the client. */
const notTheServices = /^(date|server|x-envoy-upstream-service-time|transfer-encoding|connection)$/;

function outcome(
  response: string,
  details: string,
): Pick<ResponseCase, "resetBeforeHeaders" | "status" | "headers" | "resetAfterHeaders"> {
  const before = /reset_before_response_started\{(\w+)/.exec(details)?.[1];
  if (before !== undefined) return { resetBeforeHeaders: before.replaceAll("_", " ") };
  const [statusLine = "", ...lines] = (response.split("\r\n\r\n")[0] ?? "").split("\r\n");
  const after = /reset_after_response_started\{(\w+)/.exec(details)?.[1];
  return {
    status: Number(statusLine.split(" ")[1]),
    headers: lines
      .map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), toSegments(line.slice(colon + 2))] as const;
      })
      .filter(([name]) => !notTheServices.test(name)),
    ...(after === undefined ? {} : { resetAfterHeaders: after.replaceAll("_", " ") }),
  };
}
