import { posix, resolve } from "node:path";
import type { ComposeFile, ComposeService } from "../compose/compose-file.ts";
import { ComposeError, type Problem } from "../compose/problem.ts";
import { type HealthProbe, planHealth } from "./health.ts";
import { mapAddresses, mapEnvironment, mapPort, type PortMap } from "./port-map.ts";
import { dependenciesOf } from "./selection.ts";
import { isProblem, type Program, recogniseProgram } from "./unit.ts";

/** One program of the mesh, ready to start. Plain data: it is sent to a process of its own with --isolate. */
export interface UnitPlan {
  readonly name: string;
  readonly program: Program;
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Host ports the service opens for itself and for those that share its network. */
  readonly ports: readonly number[];
  readonly portMap: PortMap;
  readonly dependsOn: readonly { readonly name: string; readonly healthy: boolean }[];
  readonly health: HealthProbe;
  readonly tryThis: string | undefined;
}

/** What to start for the selected services; a ComposeError lists everything that cannot run here. */
export function planUnits(
  compose: ComposeFile,
  selected: readonly ComposeService[],
  portMap: PortMap,
  directory: string,
): readonly UnitPlan[] {
  const problems: Problem[] = [];
  const units = selected.flatMap((service) => {
    problems.push(...service.unsupported);
    const program = recogniseProgram(service);
    const health = planHealth(service, portMap);
    if ("message" in health) problems.push(health);
    if (isProblem(program)) problems.push(program);
    if ("message" in health || isProblem(program)) return [];
    return planUnit(service, program, health, portMap, directory);
  });
  if (problems.length > 0) throw new ComposeError(compose.file, problems);
  return units;
}

function planUnit(
  service: ComposeService,
  program: Program,
  health: HealthProbe,
  portMap: PortMap,
  directory: string,
): UnitPlan {
  return {
    name: service.name,
    program: locate(program, directory),
    directory,
    environment: mapEnvironment(portMap, {
      // Docker gives every container HOSTNAME; the compose file's own entries win.
      HOSTNAME: service.hostname ?? service.name,
      // Ctrl-C ends everything within 2 s, so a request in flight gets a part of that.
      SHUTDOWN_GRACE_MS: "1000",
      ...service.environment,
    }),
    ports: service.ports.map(({ target }) => mapPort(portMap, target)),
    portMap,
    dependsOn: dependenciesOf(service).map((name) => ({
      name,
      healthy: service.dependsOn.get(name) === "service_healthy",
    })),
    health,
    tryThis: service.tryThis && mapAddresses(portMap, service.tryThis),
  };
}

/** Paths of the compose file are relative to its folder, which is also the image's working directory. */
function locate(program: Program, directory: string): Program {
  if (program.kind === "service") {
    return { kind: "service", module: resolve(directory, posix.normalize(program.module)) };
  }
  const path = program.kind === "envoy" ? program.arguments.configPath : undefined;
  if (program.kind !== "envoy" || path === undefined) return program;
  return {
    kind: "envoy",
    arguments: { ...program.arguments, configPath: resolve(directory, path) },
  };
}
