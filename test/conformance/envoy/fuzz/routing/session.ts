/** One proxy with one configuration, kept running for many exchanges; its services do as the exchange at hand says. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEnvoy } from "@tracemesh/envoy";
import { fillPorts, sendHttp1 } from "../../rig/client.ts";
import { normalise } from "../../rig/normalise.ts";
import type { PortAllocator } from "../../rig/ports.ts";
import { type ProxyCommand, startProxy } from "../../rig/proxy-process.ts";
import type { SeenRequest } from "../../rig/recorded-case.ts";
import { localIp } from "../../rig/run-case.ts";
import { type Listening, startHttp1Upstream } from "../../rig/upstream.ts";
import { drawnCase } from "../drawn-case.ts";
import { comparedStats } from "./compared-stats.ts";
import type { Exchange } from "./requests.ts";

export type Observed = Readonly<Record<string, unknown>>;

export interface Session {
  /** What the client got and the services saw, without what time and chance make of it. */
  run(exchange: Exchange): Promise<Observed>;
  /** Statistics by name, those that routing decides. */
  stats(): Promise<Readonly<Record<string, number>>>;
  close(): Promise<void>;
}

/** Starts a proxy on the file; resolves once it listens. */
export type Start = (path: string, listenerPort: number) => Promise<{ stop(): Promise<void> }>;

/** Milliseconds. */
const startTimeout = 20_000;
const stopGrace = 1_000;
/** A client's patience: beyond every short time limit that is drawn, far below every long one. */
const abortAfterMs = 1_000;

export function asProcess(command: ProxyCommand): Start {
  return async (path, listenerPort) => {
    const proxy = startProxy(command(path, []));
    try {
      await proxy.listening(listenerPort, startTimeout);
    } catch (error) {
      await proxy.stop(0);
      throw error;
    }
    return { stop: () => proxy.stop(stopGrace) };
  };
}

/** Ours within this process: no start-up time, and an exception fails the test. */
export const inProcess: Start = async (configPath) => {
  const running = await startEnvoy({ configPath, log: () => {}, drainTimeSeconds: 0 });
  return { stop: () => running.close() };
};

export async function openSession(
  yaml: string,
  start: Start,
  allocator: PortAllocator,
): Promise<Session> {
  const ports = {
    LISTENER_PORT: await allocator.next(),
    ADMIN_PORT: await allocator.next(),
    ALPHA_PORT: await allocator.next(),
    BETA_PORT: await allocator.next(),
    GONE_PORT: await allocator.next(),
  };
  let seen: SeenRequest[] = [];
  let exchange: Exchange | undefined;
  const services: Listening[] = [];
  for (const name of ["ALPHA_PORT", "BETA_PORT"] as const) {
    const next = () => {
      const actions = exchange?.upstream ?? [];
      return actions[Math.min(seen.length, actions.length) - 1] ?? {};
    };
    services.push(
      await startHttp1Upstream({
        name,
        port: ports[name],
        actions: next,
        seen: { push: (request) => seen.push(request) },
        ports,
      }),
    );
  }
  const folder = mkdtempSync(join(tmpdir(), "envoy-routing-"));
  const path = join(folder, "envoy.yaml");
  writeFileSync(path, fillPorts(yaml, ports));
  const closeServices = () => {
    for (const service of services) service.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const proxy = await start(path, ports.LISTENER_PORT).catch((error: unknown) => {
    closeServices();
    throw error;
  });
  const environment = { recordedPorts: ports, recordedLocalIp: localIp() ?? null };
  return {
    run: async (next) => {
      exchange = next;
      seen = [];
      const request = { ...next.request, abortAfterMs };
      const response = await sendHttp1(ports.LISTENER_PORT, request, ports);
      const upstreamSaw = seen.map((one, at) => withoutVolatile(one, at, ports.LISTENER_PORT));
      const outcome = { ...environment, responses: [response], upstreamSaw };
      const options = { strictOrder: true };
      const normalised = normalise(drawnCase(yaml, next.request), outcome, options);
      return { responses: normalised["responses"], upstreamSaw: normalised["upstreamSaw"] };
    },
    stats: async () => {
      const response = await fetch(`http://127.0.0.1:${ports.ADMIN_PORT}/stats`);
      return comparedStats(await response.text());
    },
    close: async () => {
      await proxy.stop();
      closeServices();
    },
  };
}

/** Without the listener's port, and with what is left of a request's time at its second try to the half second. */
function withoutVolatile(request: SeenRequest, attempt: number, port: number): SeenRequest {
  const headers = request.headers.map(([name, value]) => {
    const isPort = name === "x-forwarded-port" && value === String(port);
    const isLeft = attempt > 0 && name === "x-envoy-expected-rq-timeout-ms";
    const halfSeconds = `<= ${Math.ceil(Number(value) / 500) * 500}`;
    return [name, isPort ? "<listener>" : isLeft ? halfSeconds : value] as const;
  });
  return { ...request, headers };
}
