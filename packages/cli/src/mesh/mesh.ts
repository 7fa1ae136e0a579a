import { dirname, relative, resolve } from "node:path";
import type { ComposeFile } from "../compose/compose-file.ts";
import { readComposeFile } from "../compose/read-compose-file.ts";
import { checkPorts, findFreePorts } from "../ports/port-check.ts";
import type { TraceSpan } from "../terminal/trace-model.ts";
import { waitUntilHealthy } from "./health.ts";
import { planUnits, type UnitPlan } from "./plan.ts";
import { createPortMap, mapPort, type PortMap } from "./port-map.ts";
import type { RunningUnit, UnitAddress } from "./running-unit.ts";
import { selectServices } from "./selection.ts";

export interface MeshOptions {
  /** Path of the compose file. */
  readonly file: string;
  /** Services to start, with what they depend on; none means all. */
  readonly services?: readonly string[];
  readonly profiles?: readonly string[];
  /** Added to every port, or "free": each port becomes one that nobody uses. */
  readonly portOffset?: number | "free";
  /** A process for each service instead of one for all. */
  readonly isolate?: boolean;
  /** Variables of the compose file. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  log?(service: string, line: string): void;
  /** Called with each trace once no new span came for a while. */
  onTrace?(spans: readonly TraceSpan[]): void;
  /** A service ended by itself (only with `isolate`). */
  onEnded?(service: string, how: string): void;
}

export interface MeshUnit {
  readonly name: string;
  readonly addresses: readonly UnitAddress[];
}

export interface RunningMesh {
  readonly units: readonly MeshUnit[];
  /** Commands that show what the mesh does, with this machine's ports. */
  readonly tryThis: readonly string[];
  /** Where a port of the compose file is on this machine. */
  port(target: number): number;
  close(): Promise<void>;
}

/** Starts the services of a compose file on this machine, without Docker, and waits until all are healthy. */
export async function startMesh(options: MeshOptions): Promise<RunningMesh> {
  const path = resolve(options.file);
  const compose = await readComposeFile(path, options.env ?? {}, relative(".", path));
  const { services = [], profiles = [], portOffset = 0 } = options;
  const portMap =
    portOffset === "free" ? await freePortMap(compose) : createPortMap(compose, portOffset);
  const units = planUnits(
    compose,
    selectServices(compose, { services, profiles }),
    portMap,
    dirname(path),
  );
  await checkPorts(
    units.flatMap(({ name, ports }) => ports.map((port) => ({ port, neededBy: name }))),
  );
  const running = await startAll(units, options);
  return {
    units: units.flatMap(({ name }) => running.get(name) ?? []),
    tryThis: units.flatMap(({ tryThis }) => tryThis ?? []),
    port: (target) => mapPort(portMap, target),
    close: () => closeAll(units, running),
  };
}

async function freePortMap(compose: ComposeFile): Promise<PortMap> {
  const targets = [...compose.services.values()].flatMap(({ ports }) =>
    ports.map(({ target }) => target),
  );
  const free = await findFreePorts(targets.length);
  return createPortMap(
    compose,
    0,
    new Map(targets.map((target, index) => [target, free[index] ?? target])),
  );
}

/** Everything at once, each unit as soon as what it depends on is there. */
async function startAll(
  units: readonly UnitPlan[],
  options: MeshOptions,
): Promise<ReadonlyMap<string, RunningUnit>> {
  const running = new Map<string, RunningUnit>();
  const started = new Map<string, Promise<unknown>>();
  const healthy = new Map<string, Promise<unknown>>();
  const abort = new AbortController();
  const start = await starter(options.isolate ?? false);
  for (const plan of units) {
    const dependencies = plan.dependsOn.map(({ name, healthy: untilHealthy }) =>
      (untilHealthy ? healthy : started).get(name),
    );
    const start1 = Promise.all(dependencies).then(async () => {
      abort.signal.throwIfAborted();
      const unit = await start(plan, {
        log: (line) => options.log?.(plan.name, line),
        trace: (spans) => options.onTrace?.(spans),
      });
      running.set(plan.name, unit);
      void unit.ended?.then((how) => options.onEnded?.(plan.name, how));
    });
    started.set(plan.name, start1);
    healthy.set(
      plan.name,
      start1.then(() => waitUntilHealthy(plan.name, plan.health, abort.signal)),
    );
  }
  const all = [...started.values(), ...healthy.values()];
  try {
    await Promise.all(all);
    return running;
  } catch (error) {
    abort.abort(error);
    await Promise.allSettled(all);
    await closeAll(units, running);
    throw error;
  }
}

async function starter(isolate: boolean): Promise<typeof import("./start-unit.ts").startUnit> {
  if (isolate) return (await import("./isolated-unit.ts")).startIsolatedUnit;
  return (await import("./start-unit.ts")).startUnit;
}

/** The store last: the others hand it their last spans while they close. */
async function closeAll(
  units: readonly UnitPlan[],
  running: ReadonlyMap<string, RunningUnit>,
): Promise<void> {
  const close = (plan: UnitPlan): Promise<void> | undefined => running.get(plan.name)?.close();
  await Promise.allSettled(units.filter(({ program }) => program.kind !== "zipkin").map(close));
  await Promise.allSettled(units.filter(({ program }) => program.kind === "zipkin").map(close));
}
