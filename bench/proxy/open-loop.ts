/**
 * Latency at a fixed rate: a request goes out when its time has come, whether or not earlier ones are answered, and is timed from then. A
 * closed loop would leave out the requests that a stall kept from being sent (coordinated omission).
 */
import http from "node:http";

export interface OpenLoopResult {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

export async function openLoop(
  port: number,
  rate: number,
  seconds: number,
): Promise<OpenLoopResult> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
  const total = rate * seconds;
  const start = performance.now() + 100;
  const latencies: number[] = [];
  let failed = 0;
  const send = (due: number) =>
    new Promise<void>((resolve) => {
      const done = (ok: boolean) => {
        if (ok) latencies.push(performance.now() - due);
        else failed += 1;
        resolve();
      };
      http
        .get({ port, host: "127.0.0.1", agent }, (response) => {
          response.resume();
          response.on("end", () => done(response.statusCode === 200));
        })
        .on("error", () => done(false));
    });
  const pending: Promise<void>[] = [];
  await new Promise<void>((resolve) => {
    const tick = () => {
      while (pending.length < total) {
        const due = start + (pending.length * 1_000) / rate;
        if (due > performance.now()) break;
        pending.push(send(due));
      }
      if (pending.length < total) setImmediate(tick);
      else resolve();
    };
    tick();
  });
  await Promise.all(pending);
  agent.destroy();
  latencies.sort((a, b) => a - b);
  const at = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), failed };
}
