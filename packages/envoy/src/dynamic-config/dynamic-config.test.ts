import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type RunningEnvoy, startEnvoy } from "../start-envoy.ts";

const cleanUps: (() => unknown)[] = [];
let folder: string;
let logged: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dynamic-config-"));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  logged = [];
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const type = "type.googleapis.com/envoy";

async function startService(answer: string): Promise<number> {
  const server: Server = createServer((_request, response) => response.end(answer));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** As editors and control planes do it: a new file takes the old one's place. */
function put(file: string, resources: readonly object[] | string): void {
  const text = typeof resources === "string" ? resources : JSON.stringify({ resources });
  writeFileSync(join(folder, "next"), text);
  renameSync(join(folder, "next"), join(folder, file));
}

const cluster = (name: string, port: number): object => ({
  "@type": `${type}.config.cluster.v3.Cluster`,
  name,
  load_assignment: {
    cluster_name: name,
    endpoints: [
      {
        lb_endpoints: [
          { endpoint: { address: { socket_address: { address: "127.0.0.1", port_value: port } } } },
        ],
      },
    ],
  },
});

const routes = (to: string, name = "routes"): object => ({
  name,
  virtual_hosts: [
    { name: "v", domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster: to } }] },
  ],
});

const listener = (name: string, port: number, specifier: object): object => ({
  "@type": `${type}.config.listener.v3.Listener`,
  name,
  address: { socket_address: { address: "127.0.0.1", port_value: port } },
  filter_chains: [
    {
      filters: [
        {
          name: "hcm",
          typed_config: {
            "@type": `${type}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
            stat_prefix: "in",
            ...specifier,
            http_filters: [
              {
                name: "router",
                typed_config: { "@type": `${type}.extensions.filters.http.router.v3.Router` },
              },
            ],
          },
        },
      ],
    },
  ],
});

const fileSource = (file: string): object => ({
  path_config_source: { path: join(folder, file) },
});

async function start(): Promise<RunningEnvoy> {
  const proxy = await startEnvoy({
    configYaml: JSON.stringify({
      node: { id: "n", cluster: "c" },
      admin: { address: { socket_address: { address: "127.0.0.1", port_value: 0 } } },
      dynamic_resources: { cds_config: fileSource("cds"), lds_config: fileSource("lds") },
    }),
    drainTimeSeconds: 1,
    log: (line) => logged.push(line),
    env: {},
  });
  cleanUps.push(() => proxy.close());
  return proxy;
}

async function get(port: number | undefined): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
  return `${response.status} ${await response.text()}`;
}

async function stat(proxy: RunningEnvoy, name: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${proxy.admin?.port}/stats?filter=^${name}$`);
  return Number((await response.text()).split(": ")[1]);
}

/** A port that is free now; a listener that is to be replaced needs one of its own. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("configuration in files", () => {
  test("comes into force when a file is replaced", async () => {
    const [one, two] = [await startService("one"), await startService("two")];
    const [first, second] = [await freePort(), await freePort()];
    put("cds", [cluster("one", one)]);
    put("lds", [listener("l1", first, { route_config: routes("one") })]);
    const proxy = await start();
    expect(await get(first)).toBe("200 one");

    put("cds", [cluster("one", one), cluster("two", two)]);
    await vi.waitFor(async () => {
      expect(await stat(proxy, "cluster_manager.cds.update_success")).toBe(2);
    });
    put("lds", [
      listener("l1", first, { route_config: routes("two") }),
      listener("l2", second, { route_config: routes("one") }),
    ]);
    await vi.waitFor(async () => expect(await get(first)).toBe("200 two"));
    await vi.waitFor(async () => expect(await get(second)).toBe("200 one"));
    expect(await stat(proxy, "listener_manager.listener_modified")).toBe(1);

    put("lds", [listener("l2", second, { route_config: routes("one") })]);
    await vi.waitFor(async () => expect(await get(first).catch(() => "gone")).toBe("gone"));
    expect(await get(second)).toBe("200 one");
    expect(await stat(proxy, "listener_manager.listener_removed")).toBe(1);
  });

  test("that is wrong is kept out, and said to be wrong", async () => {
    const port = await freePort();
    put("cds", [cluster("one", await startService("one"))]);
    put("lds", [listener("l1", port, { route_config: routes("one") })]);
    const proxy = await start();
    put("lds", [listener("l1", port, { route_config: routes("ghost") })]);
    await vi.waitFor(() => {
      expect(logged).toContain(
        "[warning][config] Filesystem config update rejected: Error adding/updating listener(s) l1: route: unknown cluster 'ghost'",
      );
    });
    expect(await get(port)).toBe("200 one");
    expect(await stat(proxy, "listener_manager.lds.update_rejected")).toBe(1);
    const dump = await fetch(
      `http://127.0.0.1:${proxy.admin?.port}/config_dump?resource=dynamic_listeners`,
    );
    const { configs } = (await dump.json()) as { configs: Record<string, object>[] };
    expect(configs).toHaveLength(1);
    expect(configs[0]).toMatchObject({
      name: "l1",
      active_state: { listener: listener("l1", port, { route_config: routes("one") }) },
      error_state: {
        failed_configuration: listener("l1", port, { route_config: routes("ghost") }),
        details: "route: unknown cluster 'ghost'",
      },
    });

    put("lds", "resources: [");
    await vi.waitFor(async () => {
      expect(await stat(proxy, "listener_manager.lds.update_failure")).toBe(1);
    });
    expect(await get(port)).toBe("200 one");

    put("lds", [cluster("one", 1)]);
    await vi.waitFor(async () => {
      expect(await stat(proxy, "listener_manager.lds.update_rejected")).toBe(2);
    });
    expect(await get(port)).toBe("200 one");
  });

  test("has its routes in a file of their own", async () => {
    const port = await freePort();
    const [one, two] = [await startService("one"), await startService("two")];
    const rds = (table: object): object => ({
      "@type": `${type}.config.route.v3.RouteConfiguration`,
      ...table,
    });
    put("cds", [cluster("one", one), cluster("two", two)]);
    put("rds", [rds(routes("one"))]);
    put("lds", [
      listener("l1", port, {
        rds: { route_config_name: "routes", config_source: fileSource("rds") },
      }),
    ]);
    const proxy = await start();
    expect(await get(port)).toBe("200 one");
    put("rds", [rds(routes("two"))]);
    await vi.waitFor(async () => expect(await get(port)).toBe("200 two"));
    put("rds", [rds(routes("one", "other"))]);
    await vi.waitFor(async () => {
      expect(await stat(proxy, "http.in.rds.routes.update_rejected")).toBe(1);
    });
    expect(await get(port)).toBe("200 two");
    expect(await stat(proxy, "listener_manager.listener_modified")).toBe(0);
    // A cluster that is not there yet is no reason to refuse routes.
    put("rds", [rds(routes("ghost"))]);
    await vi.waitFor(async () => expect(await get(port)).toBe("503 "));
  });

  test("has to be there at the start", async () => {
    await expect(start()).rejects.toThrow(
      `paths must refer to an existing path in the system: '${join(folder, "cds")}' does not exist`,
    );
  });
});
