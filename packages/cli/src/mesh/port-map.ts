import type { ComposeFile } from "../compose/compose-file.ts";

/** Where the ports of the mesh are on this machine. */
export interface PortMap {
  /** The port of the compose file -> the port on this machine. */
  readonly ports: ReadonlyMap<number, number>;
  /** Host names in front of a port that mean the mesh: service names and the loopback's own. */
  readonly hosts: ReadonlySet<string>;
}

const loopback = ["localhost", "127.0.0.1", "0.0.0.0", "[::1]", "[::]", "::1"];
const maxPort = 65_535;

/**
 * The port of every service, moved by `offset`. A port that is published under another number is moved there:
 * that is where the user looks for it.
 */
export function createPortMap(
  compose: ComposeFile,
  offset: number,
  replace?: ReadonlyMap<number, number>,
): PortMap {
  const ports = new Map<number, number>();
  const openedBy = new Map<number, string>();
  const hosts = new Set(loopback);
  for (const service of compose.services.values()) {
    for (const name of service.hostNames) hosts.add(name);
    for (const { target, published } of service.ports) {
      const port = replace?.get(target) ?? (published ?? target) + offset;
      if (port < 1 || port > maxPort) {
        throw new Error(
          `port ${published ?? target} of ${service.name} moved by ${offset} is ${port}: ports are 1 to ${maxPort}`,
        );
      }
      const other = openedBy.get(port);
      if (other !== undefined && !(other === service.name && ports.get(target) === port)) {
        throw new Error(
          `port ${port} is wanted twice, by ${other} and ${service.name}: without Docker all services share this machine's ports`,
        );
      }
      openedBy.set(port, service.name);
      ports.set(target, port);
    }
  }
  return { ports, hosts };
}

export function mapPort(map: PortMap, port: number): number {
  return map.ports.get(port) ?? port;
}

/** Moves each `host:port` of the mesh inside a text, in URLs and address lists. */
export function mapAddresses(map: PortMap, text: string): string {
  return text.replace(
    /(?<![\w.:-])((?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9][\w.-]*)?):(\d{1,5})(?![\w:.])/g,
    (whole, host: string, port: string) =>
      host === "" || map.hosts.has(host) ? `${host}:${mapPort(map, Number(port))}` : whole,
  );
}

/** An environment with the ports of the mesh moved: `PORT=`, `X_PORT=` and addresses inside values. */
export function mapEnvironment(
  map: PortMap,
  environment: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      /(?:^|_)PORT$/.test(name) && /^\d+$/.test(value)
        ? String(mapPort(map, Number(value)))
        : mapAddresses(map, value),
    ]),
  );
}
