/** /server_info, /ready and what else tells or changes the server's state. */
import type { ServerContext } from "../server-context.ts";
import { type AdminEndpoint, type AdminServer, jsonAnswer } from "./admin-endpoint.ts";

/** The flags the server was started with, as /server_info shows them. */
export interface CommandLineOptions {
  readonly configPath: string;
  readonly configYaml: string;
  readonly serviceCluster: string;
  readonly serviceNode: string;
  readonly serviceZone: string;
  readonly concurrency: number;
  readonly logLevel: string;
  readonly logPath: string;
  readonly drainTimeS: number;
  readonly baseId: number;
  /** The file's content as it was read, for /config_dump. */
  readonly rawConfig: Readonly<Record<string, unknown>>;
}

/** The Envoy whose behaviour this follows. */
const followedVersion = "1.40.0";
export const versionText: string = `tracemesh/${followedVersion}/Clean/RELEASE/none`;

export function nodeMessage({ node, bootstrap }: ServerContext): Record<string, unknown> {
  const [major_number, minor_number, patch] = followedVersion.split(".").map(Number);
  return {
    ...(node.id === "" ? {} : { id: node.id }),
    ...(node.cluster === "" ? {} : { cluster: node.cluster }),
    ...(bootstrap.node?.metadata === undefined ? {} : { metadata: bootstrap.node.metadata }),
    ...(node.zone === "" ? {} : { locality: { zone: node.zone } }),
    user_agent_name: "envoy",
    user_agent_build_version: { version: { major_number, minor_number, patch } },
  };
}

export const readyEndpoint: AdminEndpoint = {
  path: "/ready",
  help: "print server state, return 200 if LIVE, otherwise return 503",
  answer(_request, { context }) {
    const state = stateOf(context);
    return { status: state === "LIVE" ? 200 : 503, body: `${state}\n` };
  },
};

export const healthCheckFailEndpoint: AdminEndpoint = {
  path: "/healthcheck/fail",
  help: "cause the server to fail health checks",
  mutates: true,
  answer(_request, { context }) {
    context.state.healthCheckFailed = true;
    return { body: "OK\n" };
  },
};

export const healthCheckOkEndpoint: AdminEndpoint = {
  path: "/healthcheck/ok",
  help: "cause the server to pass health checks",
  mutates: true,
  answer(_request, { context }) {
    context.state.healthCheckFailed = false;
    return { body: "OK\n" };
  },
};

export const quitEndpoint: AdminEndpoint = {
  path: "/quitquitquit",
  help: "exit the server",
  mutates: true,
  answer(_request, { onQuit }) {
    // The answer goes out first.
    setImmediate(onQuit);
    return { body: "OK\n" };
  },
};

export const drainListenersEndpoint: AdminEndpoint = {
  path: "/drain_listeners",
  help: "drain listeners",
  mutates: true,
  answer(_request, { drainListeners }) {
    drainListeners();
    return { body: "OK\n" };
  },
};

export const serverInfoEndpoint: AdminEndpoint = {
  path: "/server_info",
  help: "print server version/status information",
  answer(_request, server) {
    const uptime = `${uptimeSeconds(server)}s`;
    return jsonAnswer({
      version: versionText,
      state: stateOf(server.context),
      uptime_current_epoch: uptime,
      uptime_all_epochs: uptime,
      hot_restart_version: "disabled",
      command_line_options: commandLineMessage(server.commandLine),
      node: nodeMessage(server.context),
    });
  },
};

export const hotRestartVersionEndpoint: AdminEndpoint = {
  path: "/hot_restart_version",
  help: "print the hot restart compatibility version",
  answer: () => ({ body: "disabled" }),
};

export const memoryEndpoint: AdminEndpoint = {
  path: "/memory",
  help: "print current allocation/heap usage",
  answer() {
    const { heapUsed, heapTotal, rss, external } = process.memoryUsage();
    return jsonAnswer({
      allocated: String(heapUsed),
      heap_size: String(heapTotal),
      pageheap_unmapped: "0",
      pageheap_free: String(heapTotal - heapUsed),
      total_thread_cache: String(external),
      total_physical_bytes: String(rss),
    });
  },
};

export function uptimeSeconds({ startedMs }: AdminServer): number {
  return Math.floor((Date.now() - startedMs) / 1000);
}

export function stateOf({ state }: ServerContext): "LIVE" | "DRAINING" {
  return state.healthCheckFailed || state.draining ? "DRAINING" : "LIVE";
}

function commandLineMessage(options: CommandLineOptions): Record<string, unknown> {
  return {
    base_id: String(options.baseId),
    concurrency: options.concurrency,
    config_path: options.configPath,
    config_yaml: options.configYaml,
    log_level: options.logLevel,
    log_path: options.logPath,
    service_cluster: options.serviceCluster,
    service_node: options.serviceNode,
    service_zone: options.serviceZone,
    drain_time: `${options.drainTimeS}s`,
    mode: "Serve",
    disable_hot_restart: true,
    restart_epoch: 0,
  };
}
