/** One proxy with one configuration, kept running for many requests. */
import { setTimeout as sleep } from "node:timers/promises";
import { fillPorts, sendHttp1 } from "../../rig/client.ts";
import { type Report, startHttp1Collector } from "../../rig/collector.ts";
import { startConfigured } from "../../rig/configured-proxy.ts";
import type { PortAllocator } from "../../rig/ports.ts";
import type { ProxyCommand } from "../../rig/proxy-process.ts";
import type { CaseRequest, DecodedSpan, Outcome, SeenRequest } from "../../rig/recorded-case.ts";
import { localIp } from "../../rig/run-case.ts";
import { startHttp1Upstream } from "../../rig/upstream.ts";

export interface Session {
  /** Sends it and waits until every span of it must have been reported. */
  run(request: CaseRequest): Promise<Outcome>;
  close(): Promise<void>;
}

/** Milliseconds. */
const barrierTimeout = 5_000;
const stopGrace = 3_000;

export async function openSession(
  yaml: string,
  command: ProxyCommand,
  allocator: PortAllocator,
): Promise<Session> {
  const ports = {
    LISTENER_PORT: await allocator.next(),
    UPSTREAM_PORT: await allocator.next(),
    COLLECTOR_PORT: await allocator.next(),
  };
  const seen: SeenRequest[] = [];
  const reports: Report[] = [];
  const upstream = await startHttp1Upstream({
    name: "UPSTREAM_PORT",
    port: ports.UPSTREAM_PORT,
    actions: [{}],
    seen,
    ports,
  });
  const collector = await startHttp1Collector({
    name: "COLLECTOR_PORT",
    port: ports.COLLECTOR_PORT,
    status: 202,
    reports,
  });
  const proxy = await startConfigured(command, fillPorts(yaml, ports), {
    ports: [ports.LISTENER_PORT],
  });

  let barriers = 0;
  const spans = () => reports.flatMap((report) => report.spans);
  // A request that is always sampled: once its span is in, those of the requests before it are.
  const barrier = async () => {
    const id = (++barriers).toString(16).padStart(16, "b");
    const request = {
      path: "/barrier",
      headers: [
        ["x-b3-traceid", id],
        ["x-b3-spanid", id],
        ["x-b3-sampled", "1"],
      ],
    } as const;
    await sendHttp1(ports.LISTENER_PORT, request, ports);
    const deadline = Date.now() + barrierTimeout;
    while (!spans().some((span) => span["traceId"] === id)) {
      if (Date.now() > deadline)
        throw new Error(`no span of the barrier: ${proxy.stderr.slice(-2000)}`);
      await sleep(2);
    }
    return id;
  };
  return {
    run: async (request) => {
      seen.length = 0;
      reports.length = 0;
      const response = await sendHttp1(ports.LISTENER_PORT, request, ports);
      const upstreamSaw = [...seen];
      const id = await barrier();
      const own = (span: DecodedSpan) => span["traceId"] !== id;
      return {
        recordedPorts: ports,
        recordedLocalIp: localIp() ?? null,
        responses: [response],
        upstreamSaw,
        spans: spans().filter(own),
      };
    },
    close: async () => {
      await proxy.stop(stopGrace);
      upstream.close();
      collector.close();
    },
  };
}
