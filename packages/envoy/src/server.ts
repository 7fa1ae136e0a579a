/**
 * One proxy: clusters, listeners, tracers, admin. A request comes in at a listener's connection manager (connection-manager/), passes the
 * http filters in the file's order (filters/), and leaves through the router to an endpoint of the route's cluster (upstream/).
 */
import { AccessLogSinks } from "./access-log/access-logs.ts";
import { Admin } from "./admin/admin.ts";
import type { CommandLineOptions } from "./admin/server-info.ts";
import type { Bootstrap } from "./config/bootstrap.ts";
import type { Listener } from "./config/listener.ts";
import { machineAddress } from "./connection-manager/ip-address.ts";
import { DynamicConfig } from "./dynamic-config/dynamic-config.ts";
import { RunningListener } from "./listener/running-listener.ts";
import { Runtime } from "./runtime/runtime.ts";
import type { ServerContext } from "./server-context.ts";
import { StatsStore } from "./stats/stats-store.ts";
import { Tracers } from "./tracers.ts";
import {
  createPoolReportSender,
  type PoolReportSenderOptions,
} from "./tracing/pool-report-sender.ts";
import { createPoolReportStreams } from "./tracing/pool-report-streams.ts";
import { createRandomIds } from "./tracing/random-ids.ts";
import { ClusterManager } from "./upstream/cluster-manager.ts";
import { createConnectionPool } from "./upstream/connection-pool.ts";
import type { Lookup } from "./upstream/dns.ts";

export interface ServerOptions {
  readonly bootstrap: Bootstrap;
  readonly commandLine: CommandLineOptions;
  readonly serviceCluster?: string;
  readonly serviceNode?: string;
  readonly serviceZone?: string;
  /** How long requests under way get at the end. */
  readonly drainTimeMs: number;
  readonly log: (line: string) => void;
  readonly writeAccessLog: ((line: string) => void) | undefined;
  readonly lookup: Lookup;
  readonly mapPort: (port: number) => number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** POST /quitquitquit. */
  readonly onQuit: () => void;
}

interface ServingListener {
  readonly name: string;
  readonly config: Listener;
  readonly listener: RunningListener;
}

/** Spans get this long to reach the collector at the end. */
const spanFlushMs = 2000;

export class Server {
  readonly #options: ServerOptions;
  readonly #listeners: ServingListener[] = [];
  #context: ServerContext;
  #admin: Admin | undefined;
  /** Undefined: everything stands in the bootstrap. */
  #dynamic: DynamicConfig | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#context = createContext(options);
  }

  get listeners(): readonly { name: string; address: string; port: number }[] {
    return this.#listeners.map(({ name, listener: { address, port } }) => ({
      name,
      address,
      port,
    }));
  }

  get admin(): { address: string; port: number } | undefined {
    return this.#admin?.address;
  }

  /** Rejects when an address cannot be bound; then nothing is left listening. */
  async start(): Promise<void> {
    const { bootstrap, mapPort, commandLine, onQuit } = this.#options;
    try {
      if (bootstrap.admin?.address !== undefined) {
        const { address, portValue } = bootstrap.admin.address;
        this.#admin = new Admin(this.#context, {
          commandLine,
          listeners: () => this.#listeners,
          dynamicResources: () => this.#dynamic?.shown,
          onQuit,
          drainListeners: () => this.drain(),
        });
        await this.#admin.listen(address, mapPort(portValue));
      }
      await this.#context.clusters.start();
      if (DynamicConfig.isUsed(bootstrap)) await this.#startDynamic(bootstrap);
      else await this.#listenAll(bootstrap.staticResources?.listeners ?? []);
    } catch (error) {
      await this.close(0);
      throw error;
    }
  }

  /** Compiles everything and listens to nothing. Throws in Envoy's words. */
  async check(): Promise<void> {
    try {
      for (const config of this.#context.bootstrap.staticResources?.listeners ?? [])
        new RunningListener(config, this.#statName(config), this.#context);
    } finally {
      await this.close(0);
    }
  }

  async #startDynamic(bootstrap: Bootstrap): Promise<void> {
    const { node, stats, env, log } = this.#context;
    const apply = (changed: Bootstrap): Promise<void> => this.reload(changed);
    const tryListener = (config: Listener): void => this.#tryListener(config);
    const options = { node, stats, env, log, apply, tryListener };
    this.#dynamic = new DynamicConfig(bootstrap, options);
    await this.reload(this.#dynamic.start());
  }

  /** In surroundings of its own, so that nothing is left of one that is refused. */
  #tryListener(config: Listener): void {
    const other = new Server(this.#options);
    try {
      new RunningListener(config, this.#statName(config), other.#context);
    } finally {
      other.close(0).catch(() => undefined); // nothing was opened
    }
  }

  async #listenAll(configs: readonly Listener[]): Promise<void> {
    for (const config of configs) await this.#listen(config);
  }

  async #listen(config: Listener): Promise<void> {
    const { address } = config;
    const port = this.#options.mapPort(address.portValue);
    const listener = new RunningListener(config, this.#statName(config), this.#context);
    await listener.listen(address.address, port);
    const name = config.name ?? `${listener.address}:${listener.port}`;
    this.#listeners.push({ name, config, listener });
  }

  /** Puts a changed file in place. Listeners that stay keep their connections; their next requests go by the new routes. */
  async reload(bootstrap: Bootstrap): Promise<void> {
    const context: ServerContext = { ...this.#context, bootstrap };
    await context.clusters.replace(
      bootstrap.staticResources?.clusters ?? [],
      this.#options.drainTimeMs,
    );
    this.#context = context;
    const wanted = [...(bootstrap.staticResources?.listeners ?? [])];
    for (const [i, serving] of [...this.#listeners.entries()].reverse()) {
      const at = wanted.findIndex((config) => hasSameAddress(config, serving.config));
      const [config] = at < 0 ? [] : wanted.splice(at, 1);
      if (config === undefined) {
        this.#listeners.splice(i, 1);
        // Its connections finish in their own time.
        void serving.listener.close(this.#options.drainTimeMs);
        continue;
      }
      serving.listener.replace(config, this.#statName(config), context);
      this.#listeners[i] = { ...serving, config, name: config.name ?? serving.name };
    }
    await this.#listenAll(wanted);
  }

  #statName({ statPrefix, address: { address, portValue } }: Listener): string {
    return statPrefix ?? `${address}_${this.#options.mapPort(portValue)}`;
  }

  /** Accepts no more; answers announce the end of their connections. */
  drain(): void {
    this.#context.state.draining = true;
    for (const { listener } of this.#listeners) listener.drain();
  }

  /** Lets requests finish, sends the spans that are left, then closes everything; bounded by the drain time. */
  async close(drainTimeMs: number = this.#options.drainTimeMs): Promise<void> {
    await this.#dynamic?.close();
    const { tracers, clusters, accessLogSinks, state } = this.#context;
    state.draining = true;
    await Promise.all(this.#listeners.map(({ listener }) => listener.close(drainTimeMs)));
    this.#listeners.length = 0;
    await tracers.close(Math.min(spanFlushMs, Math.max(drainTimeMs, 100)));
    await Promise.all([clusters.close(0), accessLogSinks.close(), this.#admin?.close()]);
  }
}

function createContext(options: ServerOptions): ServerContext {
  const { bootstrap, log, env, lookup, mapPort } = options;
  const stats = new StatsStore();
  const ids = createRandomIds();
  const runtime = new Runtime(bootstrap.layeredRuntime);
  const clusters = new ClusterManager(bootstrap.staticResources?.clusters ?? [], {
    stats,
    random: () => ids.uint32(),
    lookup,
    createPool: createConnectionPool,
    mapPort,
    log,
    env,
  });
  const node = {
    id: options.serviceNode ?? bootstrap.node?.id ?? "",
    cluster: options.serviceCluster ?? bootstrap.node?.cluster ?? "",
    zone: options.serviceZone ?? bootstrap.node?.locality?.zone ?? "",
  };
  const localAddress = machineAddress();
  const reports: PoolReportSenderOptions = {
    localAddress,
    cluster: (name) => {
      const cluster = clusters.get(name);
      return (
        cluster && {
          pool() {
            const host = cluster.choose(undefined);
            return host && cluster.pool(host, "HTTP/1.1");
          },
        }
      );
    },
  };
  const tracers = new Tracers({
    node,
    localAddress,
    sender: createPoolReportSender(reports),
    streams: createPoolReportStreams(reports),
    runtime,
    stats,
    ids,
    environment: env,
  });
  return {
    bootstrap,
    node,
    stats,
    runtime,
    clusters,
    tracers,
    ids,
    env,
    log,
    machineAddress: localAddress,
    accessLogSinks: new AccessLogSinks(
      (message) => log(`[error][file] ${message}`),
      options.writeAccessLog,
    ),
    state: { healthCheckFailed: false, draining: false },
  };
}

function hasSameAddress(one: Listener, other: Listener): boolean {
  return (
    one.address.address === other.address.address &&
    one.address.portValue === other.address.portValue &&
    one.address.protocol === other.address.protocol
  );
}
