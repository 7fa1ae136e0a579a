/** One proxy with one bootstrap, kept running for many exchanges; what belongs to which is told by x-fuzz-id. */
import { setTimeout as sleep } from "node:timers/promises";
import { fillPorts, sendRequest } from "../../rig/client.ts";
import { type Report, startHttp1Collector } from "../../rig/collector.ts";
import { startConfigured } from "../../rig/configured-proxy.ts";
import type { PortAllocator } from "../../rig/ports.ts";
import type { ProxyCommand } from "../../rig/proxy-process.ts";
import type {
  CaseRequest,
  DecodedSpan,
  Outcome,
  SeenRequest,
  SeenResponse,
  UpstreamAction,
} from "../../rig/recorded-case.ts";
import { localIp } from "../../rig/run-case.ts";
import { startHttp1Upstream, startHttp2Upstream } from "../../rig/upstream.ts";
import type { Exchange } from "./exchanges.ts";
import { labelled } from "./logs.ts";

export interface Session {
  /** One after another; then what was logged and reported, sorted by exchange. */
  run(exchanges: readonly Exchange[]): Promise<Outcome[]>;
  close(): Promise<void>;
}

/** Milliseconds. */
const barrierTimeout = 5_000;
const stopGrace = 3_000;
const reportDelay = 30;

/** For %ENVIRONMENT% and tags. */
export const environment: Readonly<Record<string, string>> = {
  FUZZ_WORD: "word é",
  FUZZ_EMPTY: "",
  OTEL_RESOURCE_ATTRIBUTES: "team=fuzz,zone=environment",
};

export async function openSession(
  yaml: string,
  command: ProxyCommand,
  allocator: PortAllocator,
): Promise<Session> {
  const names = [
    "LISTENER_PORT",
    "UPSTREAM_PORT",
    "H2_PORT",
    "DEAD_PORT",
    "COLLECTOR_PORT",
  ] as const;
  const ports: Record<string, number> = {};
  for (const name of names) ports[name] = await allocator.next();
  const portOf = (name: (typeof names)[number]) => ports[name] ?? 0;
  const seen: SeenRequest[] = [];
  const reports: Report[] = [];
  const actions: UpstreamAction[] = [{}];
  const servers = [
    await startHttp1Upstream({
      name: "UPSTREAM_PORT",
      port: portOf("UPSTREAM_PORT"),
      actions,
      seen,
      ports,
    }),
    await startHttp2Upstream({ name: "H2_PORT", port: portOf("H2_PORT"), actions, seen, ports }),
    await startHttp1Collector({
      name: "COLLECTOR_PORT",
      port: portOf("COLLECTOR_PORT"),
      status: 200,
      reports,
    }),
  ];
  const closeServers = () => {
    for (const server of servers) server.close();
  };
  const proxy = await startConfigured(command, fillPorts(yaml, ports), {
    ports: [portOf("LISTENER_PORT")],
    env: environment,
  }).catch((error: unknown) => {
    closeServers();
    throw error;
  });

  let sent = 0;
  let logRead = 0;
  const spans = () => reports.flatMap((report) => report.spans);
  const send = async (id: string, request: CaseRequest): Promise<SeenResponse> =>
    sendRequest(
      portOf("LISTENER_PORT"),
      { ...request, headers: [...(request.headers ?? []), ["x-fuzz-id", id]] },
      ports,
    );
  /** A request that every log takes or skips and every tracer samples: once it is there, those before it are. */
  const barrier = async () => {
    const id = `barrier-${++sent}`;
    actions[0] = {};
    await send(id, {
      path: "/barrier",
      headers: [
        ["host", "barrier.test"],
        ["x-envoy-force-trace", "1"],
      ],
    });
    const deadline = Date.now() + barrierTimeout;
    while (!spans().some((span) => idOf(span) === id) || !proxy.stdout.includes(`E|${id}|`)) {
      if (Date.now() > deadline)
        throw new Error(`nothing came of the barrier: ${proxy.stderr.slice(-2_000)}`);
      await sleep(2);
    }
    // Reports are requests of their own, and one may overtake another.
    await sleep(reportDelay);
  };
  return {
    run: async (exchanges) => {
      reports.length = 0;
      logRead = proxy.stdout.length;
      const halves: { id: string; response: SeenResponse; upstreamSaw: SeenRequest[] }[] = [];
      for (const { request, action } of exchanges) {
        const id = String(++sent).padStart(6, "0");
        seen.length = 0;
        actions[0] = action;
        const response = await send(id, request);
        halves.push({ id, response, upstreamSaw: [...seen] });
      }
      await barrier();
      const lines = proxy.stdout.slice(logRead).split("\n");
      return halves.map(({ id, response, upstreamSaw }) => ({
        recordedPorts: ports,
        recordedLocalIp: localIp() ?? null,
        responses: [response],
        upstreamSaw,
        spans: spans().filter((span) => idOf(span) === id),
        accessLog: lines.filter((line) => labelled.exec(line)?.[2] === id),
      }));
    },
    close: async () => {
      await proxy.stop(stopGrace);
      closeServers();
    },
  };
}

function idOf(span: DecodedSpan): unknown {
  const tags = (span["tags"] ?? span["attributes"]) as Record<string, unknown> | undefined;
  return tags?.["fuzz"];
}
