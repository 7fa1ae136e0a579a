/** Runs all steps against one proxy and collects what there is to see from outside: answers, handshakes, logs, statistics, the dump. */
import { setTimeout as sleep } from "node:timers/promises";
import { createTestCertificates } from "../../../../packages/envoy/src/tls/test-certificates.ts";
import { startConfigured } from "../rig/configured-proxy.ts";
import type { PortAllocator } from "../rig/ports.ts";
import type { ProxyCommand, ProxyProcess } from "../rig/proxy-process.ts";
import { configuration } from "./configuration.ts";
import { type ListenerName, listenerNames } from "./listener-configuration.ts";
import { steps } from "./steps.ts";
import { startUpstreams } from "./upstreams.ts";

export interface TransportOutcome {
  readonly answers: Readonly<Record<string, unknown>>;
  readonly handshakes: readonly string[];
  /** By listener, in order. */
  readonly logs: Readonly<Record<string, readonly string[]>>;
  readonly stats: Readonly<Record<string, number>>;
  readonly redacted: readonly string[];
}

export async function runTransport(
  command: ProxyCommand,
  allocator: PortAllocator,
): Promise<TransportOutcome> {
  const certificates = createTestCertificates();
  const upstreams = await startUpstreams(certificates);
  const ports: Partial<Record<ListenerName, number>> = {};
  for (const name of listenerNames) ports[name] = await allocator.next();
  const listeners = ports as Record<ListenerName, number>;
  const admin = await allocator.next();
  const file = configuration({ certificates, upstreams: upstreams.ports, listeners, admin });
  let proxy: ProxyProcess | undefined;
  try {
    proxy = await startConfigured(command, file, {
      ports: [listeners["no-filters"]],
      args: ["--file-flush-interval-msec", "50"],
    });
    const answers: Record<string, unknown> = {};
    for (const [name, step] of Object.entries(steps))
      answers[name] = await step({ ports: listeners, certificates });
    const names = new Map(Object.entries(upstreams.ports).map(([name, port]) => [port, name]));
    const expected = logLines(proxy.stdout).length;
    // The last lines leave with the next flush.
    await sleep(400);
    const lines = logLines(proxy.stdout);
    if (expected > lines.length) throw new Error("the log has lost lines");
    const stats = await readStats(admin, listeners);
    const dump = await (await fetch(`http://127.0.0.1:${admin}/config_dump`)).text();
    return {
      answers,
      handshakes: upstreams.handshakes,
      logs: byListener(lines, names),
      stats,
      redacted: [...new Set(dump.match(/"private_key": \{\s*"filename": "[^"]*"/g))].map((text) =>
        text.replaceAll(/\s+/g, " "),
      ),
    };
  } finally {
    await proxy?.stop(2000);
    upstreams.close();
    certificates.remove();
  }
}

function logLines(stdout: string): readonly string[] {
  return stdout.split("\n").filter((line) => /^[a-z0-9-]+: /.test(line));
}

function byListener(
  lines: readonly string[],
  upstreams: ReadonlyMap<number, string>,
): Record<string, string[]> {
  const logs: Record<string, string[]> = {};
  for (const line of lines) {
    const [, name = "", text = ""] = /^([a-z0-9-]+): (.*)$/.exec(line) ?? [];
    // On plain connections, too, Envoy tells of what its TLS library had left over from another one.
    const own = text.replace(/TLS_error\|error:\S+/, "-");
    const steady = own.replaceAll(
      /127\.0\.0\.1:(\d+)/g,
      (_, port: string) => `<${upstreams.get(Number(port))}>`,
    );
    logs[name] = [...(logs[name] ?? []), steady];
  }
  // Connections end when they end: only what was logged counts, not when.
  return Object.fromEntries(
    Object.entries(logs)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, texts]) => [name, name === "weighted" ? [] : texts.toSorted()]),
  );
}

const compared =
  /^(?:listener\.<[a-z0-9-]+>\.(?:downstream_cx_total|no_filter_chain_match|downstream_pre_cx_timeout|ssl\.(?:handshake|connection_error|no_certificate|fail_verify_no_cert|versions\..*|ciphers\..*))|cluster\.[a-z0-9-]+\.(?:ssl\.(?:handshake|connection_error|fail_verify_.*|versions\..*|ciphers\..*)|upstream_cx_(?:connect_fail|connect_attempts_exceeded|none_healthy|overflow))|tcp\.[a-z-]+\.(?:downstream_cx_total|downstream_cx_no_route|idle_timeout|downstream_cx_[rt]x_bytes_total)|udp\.datagrams\..*|cluster\.datagrams\.udp\..*)$/;

async function readStats(
  admin: number,
  listeners: Readonly<Record<string, number>>,
): Promise<Record<string, number>> {
  const byPort = new Map(Object.entries(listeners).map(([name, port]) => [String(port), name]));
  const text = await (await fetch(`http://127.0.0.1:${admin}/stats`)).text();
  const stats: [string, number][] = [];
  for (const line of text.split("\n")) {
    const [name = "", value = ""] = line.split(": ");
    const steady = name.replace(/127\.0\.0\.1_(\d+)/, (_, port: string) => `<${byPort.get(port)}>`);
    // Which cluster a weighted connection goes to is chance.
    if (compared.test(steady) && value !== "0" && !steady.includes("weighted"))
      stats.push([steady, Number(value)]);
  }
  return Object.fromEntries(stats.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
