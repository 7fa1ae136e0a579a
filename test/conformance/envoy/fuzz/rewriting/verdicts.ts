/** What a proxy says of many format strings at once: each stands in a listener of its own, out of one file, and is taken or refused by itself. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { address, httpListener, router, types } from "../../rig/configuration-parts.ts";
import type { PortAllocator } from "../../rig/ports.ts";
import { type ProxyCommand, startProxy } from "../../rig/proxy-process.ts";

export type Place =
  | "a log line"
  | "a JSON log"
  | "a response header"
  | "a tag"
  | "a span's name"
  | "a local reply";

/** A connection manager's fields with a format string in its place. */
export const places: Readonly<Record<Place, (text: string) => object>> = {
  "a log line": (text: string) => ({
    access_log: log({ text_format_source: { inline_string: text } }),
  }),
  "a JSON log": (text: string) => ({ access_log: log({ json_format: { a: { b: [text] } } }) }),
  "a response header": (text: string) => ({
    route_config: routes({ response_headers_to_add: [{ header: { key: "x-a", value: text } }] }),
  }),
  "a tag": (text: string) => ({ tracing: { custom_tags: [{ tag: "a", value: text }] } }),
  "a span's name": (text: string) => ({ tracing: { upstream_operation: text } }),
  "a local reply": (text: string) => ({
    local_reply_config: { body_format: { text_format_source: { inline_string: text } } },
  }),
};

export interface Written {
  readonly place: Place;
  readonly text: string;
}

function log(format: object): unknown {
  const stdout = `${types}.extensions.access_loggers.stream.v3.StdoutAccessLog`;
  return [{ name: "log", typed_config: { "@type": stdout, log_format: format } }];
}

function routes(changes: object = {}): unknown {
  const table = [{ match: { prefix: "/" }, direct_response: { status: 200 } }];
  return {
    name: "table",
    virtual_hosts: [{ name: "all", domains: ["*"], routes: table }],
    ...changes,
  };
}

const startTimeout = 20_000;
const answerTimeout = 30_000;

/** "ok", or the words of the refusal; in the order of the question. */
export async function verdicts(
  written: readonly Written[],
  command: ProxyCommand,
  allocator: PortAllocator,
): Promise<string[]> {
  const port = await allocator.next();
  const folder = mkdtempSync(join(tmpdir(), "envoy-verdicts-"));
  const lds = join(folder, "listeners.json");
  writeFileSync(lds, JSON.stringify({ version_info: "1", resources: written.map(listener) }));
  const config = join(folder, "envoy.json");
  writeFileSync(config, JSON.stringify(bootstrap(port, lds)));
  const proxy = startProxy(command(config, []));
  try {
    await proxy.listening(port, startTimeout);
    const deadline = Date.now() + answerTimeout;
    for (;;) {
      const said = await states(port);
      if (said.size === written.length) return written.map((_, at) => said.get(at) ?? "");
      if (Date.now() > deadline)
        throw new Error(`no verdict on all: ${proxy.stderr.slice(-2_000)}`);
      await sleep(50);
    }
  } finally {
    await proxy.stop(0);
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Dump {
  readonly configs?: readonly {
    /** Absent: of the update as a whole. */
    readonly name?: string;
    readonly error_state?: { readonly details: string };
  }[];
}

async function states(port: number): Promise<Map<number, string>> {
  const answer = await fetch(`http://127.0.0.1:${port}/config_dump?resource=dynamic_listeners`);
  const { configs = [] } = (await answer.json()) as Dump;
  const own = configs.filter(({ name }) => name !== undefined);
  return new Map(own.map(({ name, error_state: state }) => [Number(name), state?.details ?? "ok"]));
}

function listener({ place, text }: Written, at: number): object {
  const manager = {
    stat_prefix: "verdicts",
    route_config: routes(),
    http_filters: [router()],
    ...places[place](text),
  };
  const type = { "@type": `${types}.config.listener.v3.Listener` };
  return httpListener(String(at), 0, manager, type);
}

function bootstrap(port: number, lds: string): unknown {
  return {
    node: { id: "fuzz-node", cluster: "fuzz-cluster" },
    admin: { address: address(port) },
    dynamic_resources: { lds_config: { path_config_source: { path: lds } } },
  };
}
