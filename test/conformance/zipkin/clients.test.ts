import { execFile, execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type RunningZipkin, type Span, startZipkin } from "@tracemesh/zipkin";
import { afterAll, beforeAll, expect, test } from "vitest";

/** Clients that nobody here wrote, installed into .cache on the first run. Fails when it cannot. */
const cache = join(import.meta.dirname, ".cache");

let zipkin: RunningZipkin;
beforeAll(async () => {
  zipkin = await startZipkin({ env: {}, port: 0, host: "127.0.0.1", log: console.error });
});
afterAll(() => zipkin.close());

/** One server span with a client span inside, as a web service would report them. */
const python = `
import sys, http.client
from py_zipkin import Kind
from py_zipkin.zipkin import zipkin_span
from py_zipkin.transport import BaseTransportHandler

class Post(BaseTransportHandler):
    def get_max_payload_bytes(self):
        return None
    def send(self, payload):
        connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
        body = payload if isinstance(payload, bytes) else payload.encode()
        connection.request("POST", sys.argv[2], body, {"Content-Type": sys.argv[3]})
        status = connection.getresponse().status
        assert status == 202, status

service = sys.argv[4]
with zipkin_span(service_name=service, span_name="inbound", transport_handler=Post(),
                 sample_rate=100.0, port=5000, kind=Kind.SERVER,
                 binary_annotations={"http.path": "/"}) as root:
    with zipkin_span(service_name=service, span_name="outbound", kind=Kind.CLIENT) as call:
        call.add_sa_binary_annotation(port=80, service_name="downstream", host="10.0.0.9")
print(root.zipkin_attrs.trace_id)
`;

test.each([
  ["0.20.2", "/api/v1/spans", "application/x-thrift"],
  ["1.2.8", "/api/v2/spans", "application/json"],
])(
  "py_zipkin %s reports a whole trace to %s",
  { timeout: 120_000 },
  async (version, path, type) => {
    const folder = join(cache, `py_zipkin-${version}`);
    mkdirSync(cache, { recursive: true });
    execFileSync("python3", ["-m", "venv", folder]);
    const pip = join(folder, "bin/pip");
    execFileSync(pip, ["install", "--quiet", `py_zipkin==${version}`], { stdio: "pipe" });
    const service = `py-${version.replaceAll(".", "-")}`;
    const args = ["-c", python, String(zipkin.port), path, type, service];
    const traceId = await run(join(folder, "bin/python"), args);
    const response = await fetch(`http://127.0.0.1:${zipkin.port}/api/v2/trace/${traceId}`);
    const spans: Span[] = JSON.parse(await response.text());
    const inbound = spans.find(({ name }) => name === "inbound");
    const outbound = spans.find(({ name }) => name === "outbound");
    expect(spans).toHaveLength(2);
    expect(inbound).toMatchObject({
      traceId,
      kind: "SERVER",
      localEndpoint: { serviceName: service, port: 5000 },
      tags: { "http.path": "/" },
    });
    expect(outbound).toMatchObject({
      parentId: inbound?.id,
      kind: "CLIENT",
      remoteEndpoint: { serviceName: "downstream", ipv4: "10.0.0.9", port: 80 },
    });
    expect(outbound?.duration).toBeLessThanOrEqual(inbound?.duration ?? 0);
  },
);

/** Not synchronous: the server that the program talks to lives in this process. */
function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, [...args], (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else reject(new Error(stderr, { cause: error }));
    });
  });
}
