import { request } from "node:http";
import type { ComposeService } from "../compose/compose-file.ts";
import type { Problem } from "../compose/problem.ts";
import { mapAddresses, type PortMap } from "./port-map.ts";

/** How to see that a program does its work: an URL that answers 2xx, or nothing beyond having started. */
export type HealthProbe =
  | { readonly kind: "http"; readonly url: string; readonly deadlineMs: number }
  | { readonly kind: "started" };

const probeTimeoutMs = 1000;
const firstPauseMs = 5;
const longestPauseMs = 200;

/** Translates the compose health check: `tracemesh health URL` is asked for here, without a process. */
export function planHealth(service: ComposeService, portMap: PortMap): HealthProbe | Problem {
  const check = service.healthcheck;
  if (check === undefined) return { kind: "started" };
  const words =
    check.test[0] === "CMD-SHELL" ? (check.test[1] ?? "").split(/\s+/) : check.test.slice(1);
  const [program, command, url, ...rest] = words;
  if (program !== "tracemesh" || command !== "health" || url === undefined || rest.length > 0) {
    return {
      at: check.at,
      path: `services.${service.name}.healthcheck.test`,
      message: `"${words.join(" ")}" cannot run without Docker: only \`tracemesh health URL\` can`,
    };
  }
  if (!/^http:\/\/[^/]+/.test(url)) {
    return {
      at: check.at,
      path: `services.${service.name}.healthcheck.test`,
      message: `an http:// address is expected, got "${url}"`,
    };
  }
  return {
    kind: "http",
    url: mapAddresses(portMap, url),
    deadlineMs: check.startPeriodMs + check.intervalMs * check.retries,
  };
}

/** Waits until the probe succeeds; fails with the last answer once the time of the compose file is over. */
export async function waitUntilHealthy(
  name: string,
  probe: HealthProbe,
  signal: AbortSignal,
): Promise<void> {
  if (probe.kind === "started") return;
  const deadline = performance.now() + probe.deadlineMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    signal.throwIfAborted();
    const answer = await probeHttp(probe.url);
    if (answer.healthy) return;
    if (performance.now() > deadline) {
      const seconds = Math.round(probe.deadlineMs / 1000);
      throw new Error(
        `${name} is not healthy after ${seconds} s: GET ${probe.url}: ${answer.reason}`,
      );
    }
    await pause(pauseMs, signal);
  }
}

/** One GET. Health checks carry `b3: 0`, so that they never fill the trace store. */
export function probeHttp(
  url: string,
): Promise<{ readonly healthy: boolean; readonly reason: string }> {
  return new Promise((resolve) => {
    const call = request(url, { agent: false, headers: { b3: "0" }, timeout: probeTimeoutMs });
    call.on("response", (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve({ healthy: status >= 200 && status < 300, reason: `status ${status}` });
    });
    call.on("timeout", () => call.destroy(new Error(`no answer within ${probeTimeoutMs} ms`)));
    call.on("error", (error: NodeJS.ErrnoException) =>
      resolve({ healthy: false, reason: error.code ?? error.message }),
    );
    call.end();
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
