import type { ComposeFile, ComposeService } from "../compose/compose-file.ts";

/** What the user asked for: service names (none means all) and profiles. */
export interface Selection {
  readonly services: readonly string[];
  readonly profiles: readonly string[];
}

/** The services to run, dependencies first, as `docker compose up` selects and orders them. */
export function selectServices(
  compose: ComposeFile,
  { services, profiles }: Selection,
): readonly ComposeService[] {
  for (const name of services) {
    if (compose.services.has(name)) continue;
    const known = [...compose.services.keys()].join(", ");
    throw new Error(`unknown service "${name}" in ${compose.file}; services are ${known}`);
  }
  const wanted =
    services.length > 0
      ? services
      : [...compose.services.values()]
          .filter((service) => isActive(service, profiles))
          .map(({ name }) => name);
  const ordered = new Set<ComposeService>();
  for (const name of wanted) visit(compose, name, [], ordered);
  return [...ordered];
}

/** The services that must run for this one to work. */
export function dependenciesOf(service: ComposeService): readonly string[] {
  return [...service.dependsOn.keys(), ...(service.networkOf ? [service.networkOf] : [])];
}

function isActive(service: ComposeService, profiles: readonly string[]): boolean {
  if (service.profiles.length === 0 || profiles.includes("*")) return true;
  return service.profiles.some((profile) => profiles.includes(profile));
}

function visit(
  compose: ComposeFile,
  name: string,
  trail: readonly string[],
  ordered: Set<ComposeService>,
): void {
  if (trail.includes(name)) {
    const cycle = [...trail.slice(trail.indexOf(name)), name].join(" -> ");
    throw new Error(`the services of ${compose.file} depend on each other in a circle: ${cycle}`);
  }
  const service = compose.services.get(name);
  if (service === undefined || ordered.has(service)) return;
  for (const dependency of dependenciesOf(service)) {
    visit(compose, dependency, [...trail, name], ordered);
  }
  ordered.add(service);
}
