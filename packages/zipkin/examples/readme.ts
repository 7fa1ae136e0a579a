import { startZipkin } from "@tracemesh/zipkin";

const zipkin = await startZipkin({ env: {}, port: 0, log: (line) => process.stderr.write(line) });
const base = `http://localhost:${zipkin.port}/api/v2`;
const timestamp = Date.now() * 1000;
const localEndpoint = { serviceName: "shop" };
const span = { traceId: "1", id: "1", name: "get", timestamp, duration: 1500, localEndpoint };
await fetch(`${base}/spans`, { method: "POST", body: JSON.stringify([span]) });
const traces = await fetch(`${base}/traces?serviceName=shop`);
process.stdout.write(await traces.text());
await zipkin.close();
