/** A proxy whose listeners, clusters and routes stand in files, and what each change of a file does to it. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { PortAllocator } from "../rig/ports.ts";
import { type ProxyCommand, startProxy } from "../rig/proxy-process.ts";

type Ports = Readonly<Record<"admin" | "one" | "two" | "l1" | "l2" | "l3", number>>;

interface Update {
  readonly name: string;
  /** The file that is replaced, and its new text. */
  readonly file: "cds" | "lds" | "rds";
  readonly text: (ports: Ports, folder: string) => string;
}

/** What can be seen from outside after an update. */
export interface Seen {
  readonly update: string;
  /** What the listeners answer; "refused" where nobody listens. */
  readonly answers: readonly string[];
  readonly listeners: string;
  readonly stats: readonly string[];
  /** Why it was refused. */
  readonly refusals: readonly string[];
}

const api = "type.googleapis.com/envoy";

const cluster = (name: string, port: number): string => `
- "@type": ${api}.config.cluster.v3.Cluster
  name: ${name}
  connect_timeout: 1s
  load_assignment: { cluster_name: ${name}, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${port} } } } }] }] }
`;

const virtualHosts = (to: string): string =>
  `virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: ${to} } }] }]`;

const listener = (name: string, port: number, specifier: string): string => `
- "@type": ${api}.config.listener.v3.Listener
  name: ${name}
  address: { socket_address: { address: 127.0.0.1, port_value: ${port} } }
  filter_chains:
  - filters:
    - name: hcm
      typed_config:
        "@type": ${api}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
        stat_prefix: in
        ${specifier}
        http_filters: [{ name: router, typed_config: { "@type": ${api}.extensions.filters.http.router.v3.Router } }]
`;

const routedTo = (to: string): string => `route_config: { name: r, ${virtualHosts(to)} }`;
const fromFile = (folder: string): string =>
  `rds: { route_config_name: rr, config_source: { path_config_source: { path: ${folder}/rds.yaml } } }`;
const routes = (to: string, name = "rr"): string => `resources:
- "@type": ${api}.config.route.v3.RouteConfiguration
  name: ${name}
  ${virtualHosts(to)}
`;

const updates: readonly Update[] = [
  {
    name: "a cluster is added",
    file: "cds",
    text: ({ one, two }) => `resources:${cluster("one", one)}${cluster("two", two)}`,
  },
  {
    name: "a listener gets other routes, another is added",
    file: "lds",
    text: ({ l1, l2 }) =>
      `resources:${listener("l1", l1, routedTo("two"))}${listener("l2", l2, routedTo("one"))}`,
  },
  {
    name: "a listener's cluster is unknown",
    file: "lds",
    text: ({ l1, l2 }) =>
      `resources:${listener("l1", l1, routedTo("ghost"))}${listener("l2", l2, routedTo("one"))}`,
  },
  {
    name: "the same, one listener goes and one comes",
    file: "lds",
    text: ({ l1, l3 }) =>
      `resources:${listener("l1", l1, routedTo("ghost"))}${listener("l3", l3, routedTo("one"))}`,
  },
  { name: "the file is no YAML", file: "lds", text: () => "resources: [" },
  {
    name: "the resources are of another type",
    file: "lds",
    text: ({ one }) => `resources:${cluster("one", one)}`,
  },
  {
    name: "a listener comes twice",
    file: "lds",
    text: ({ l1, l2 }) =>
      `resources:${listener("l1", l1, routedTo("one"))}${listener("l1", l2, routedTo("one"))}`,
  },
  {
    name: "the routes come out of a file",
    file: "lds",
    text: ({ l1 }, folder) => `resources:${listener("l1", l1, fromFile(folder))}`,
  },
  { name: "the routes change", file: "rds", text: () => routes("two") },
  { name: "the routes' cluster is unknown", file: "rds", text: () => routes("ghost") },
  { name: "the routes have another name", file: "rds", text: () => routes("one", "other") },
  { name: "there are no routes", file: "rds", text: () => "resources: []" },
  { name: "the routes are back", file: "rds", text: () => routes("one") },
  {
    name: "the routes' cluster goes",
    file: "cds",
    text: ({ two }) => `resources:${cluster("two", two)}`,
  },
  {
    name: "a cluster comes twice",
    file: "cds",
    text: ({ two }) => `resources:${cluster("two", two)}${cluster("two", two)}`,
  },
  {
    name: "the cluster is back",
    file: "cds",
    text: ({ one, two }) => `resources:${cluster("two", two)}${cluster("one", one)}`,
  },
  { name: "no listener is left", file: "lds", text: () => "resources: []" },
];

const statNames =
  "^(cluster_manager\\.(cds\\.(update_(attempt|success|failure|rejected)|config_reload)|cluster_(added|modified|removed)|active_clusters)" +
  "|listener_manager\\.(lds\\.update_(attempt|success|failure|rejected)|listener_(added|removed)|total_listeners_active)" +
  "|http\\.in\\.rds\\.rr\\.(update_(attempt|success|failure|rejected|empty)|config_reload)):?$";

export async function runUpdates(command: ProxyCommand, allocator: PortAllocator): Promise<Seen[]> {
  const folder = mkdtempSync(join(tmpdir(), "file-updates-"));
  const ports = await allocate(allocator);
  const services = [await startService("one", ports.one), await startService("two", ports.two)];
  const put = (file: Update["file"], text: string): void => {
    writeFileSync(join(folder, "next.yaml"), text);
    renameSync(join(folder, "next.yaml"), join(folder, `${file}.yaml`));
  };
  put("cds", `resources:${cluster("one", ports.one)}`);
  put("lds", `resources:${listener("l1", ports.l1, routedTo("one"))}`);
  put("rds", routes("one"));
  const config = join(folder, "envoy.yaml");
  writeFileSync(
    config,
    `node: { id: test-node, cluster: test-cluster }
admin: { address: { socket_address: { address: 127.0.0.1, port_value: ${ports.admin} } } }
dynamic_resources:
  cds_config: { path_config_source: { path: ${folder}/cds.yaml } }
  lds_config: { path_config_source: { path: ${folder}/lds.yaml } }
`,
  );
  const proxy = startProxy(command(config, ["--drain-time-s", "1"]));
  try {
    await proxy.listening(ports.l1, 20_000);
    const seen = [await look("the start", ports, "")];
    for (const { name, file, text } of updates) {
      const logged = proxy.stderr.length;
      const before = await attempts(ports.admin);
      put(file, text(ports, folder));
      const deadline = Date.now() + 5_000;
      while ((await attempts(ports.admin)) === before && Date.now() < deadline) await sleep(20);
      // Listeners open and close a moment after the update is counted.
      await sleep(300);
      seen.push(await look(name, ports, proxy.stderr.slice(logged).replaceAll(folder, "FOLDER")));
    }
    return seen;
  } finally {
    await proxy.stop(3_000);
    for (const close of services) close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function look(update: string, ports: Ports, log: string): Promise<Seen> {
  const { admin, l1, l2, l3 } = ports;
  const named = (text: string): string =>
    Object.entries(ports).reduce((all, [name, port]) => all.replaceAll(String(port), name), text);
  const stats = await ask(admin, `/stats?filter=${encodeURIComponent(statNames)}`);
  return {
    update,
    answers: await Promise.all([l1, l2, l3].map((port) => ask(port, "/"))),
    listeners: named(await ask(admin, "/listeners")).slice(4),
    stats: stats.slice(4).trim().split("\n"),
    refusals: [...log.matchAll(/Filesystem config update (?:rejected|failure): .*/g)].map(
      ([line]) => comparable(line),
    ),
  };
}

/** What a YAML reader says of a broken file, and how it shows a message, is its own affair. */
function comparable(line: string): string {
  return line
    .replace(/(yaml-cpp: error at line \d+).*/, "$1")
    .replace(/(Unable to unpack as [\w.]+).*/, "$1");
}

async function attempts(admin: number): Promise<string> {
  return ask(admin, "/stats?filter=update_attempt");
}

/** Status and body. */
function ask(port: number, path: string): Promise<string> {
  return new Promise((resolve) => {
    const request = get({ host: "127.0.0.1", port, path, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => resolve(`${response.statusCode} ${body}`));
    });
    request.on("error", () => resolve("refused"));
  });
}

async function startService(name: string, port: number): Promise<() => void> {
  const server = createServer((_request, response) => response.end(name));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return () => {
    server.closeAllConnections();
    server.close();
  };
}

async function allocate(allocator: PortAllocator): Promise<Ports> {
  const next = (): Promise<number> => allocator.next();
  return {
    admin: await next(),
    one: await next(),
    two: await next(),
    l1: await next(),
    l2: await next(),
    l3: await next(),
  };
}
