import type {
  ComposeCommand,
  ComposeService,
  DependencyCondition,
  Healthcheck,
} from "./compose-file.ts";
import type { Decoder } from "./decoder.ts";
import { parseDurationMs } from "./durations.ts";
import { decodeEnvironment } from "./environment.ts";
import type { Variables } from "./interpolation.ts";
import type { Located, LocatedMap } from "./located-yaml.ts";
import { type PortMapping, parsePort, parsePortMapping } from "./port-mapping.ts";
import type { Problem } from "./problem.ts";

const understood = new Set(
  "build command container_name depends_on environment expose healthcheck hostname image network_mode networks ports profiles".split(
    " ",
  ),
);

// They say how a container is run and kept, not what the program in it does.
const aboutContainersOnly = new Set(
  (
    "annotations attach blkio_config cap_add cap_drop cgroup cgroup_parent cpu_count cpu_percent cpu_shares cpus cpuset deploy develop init labels " +
    "logging mem_limit mem_reservation mem_swappiness memswap_limit oom_kill_disable oom_score_adj pids_limit platform pull_policy " +
    "read_only restart security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt tmpfs tty ulimits user"
  ).split(" "),
);

/** One entry of `services`. */
export function decodeService(
  decoder: Decoder,
  name: string,
  node: Located,
  variables: Variables,
): ComposeService | undefined {
  const map = decoder.map(node);
  if (map === undefined) return undefined;
  const get = <T>(key: string, decode: (value: Located) => T): T | undefined => {
    const value = map.entries.get(key);
    return value === undefined ? undefined : decode(value);
  };
  const hostname = get("hostname", (value) => decoder.string(value));
  const containerName = get("container_name", (value) => decoder.string(value));
  const networkMode = get("network_mode", (value) => decoder.string(value));
  const networkOf = /^service:(.+)$/.exec(networkMode ?? "")?.[1];
  const aliases = get("networks", (value) => decodeAliases(decoder, value)) ?? [];
  return {
    name,
    at: node.at,
    image: get("image", (value) => decoder.string(value)),
    built: map.entries.has("build"),
    command: get("command", (value) => decodeCommand(decoder, value)),
    environment: get("environment", (value) => decodeEnvironment(decoder, value, variables)) ?? {},
    ports: [
      ...(get("ports", (value) => decodePorts(decoder, value)) ?? []),
      ...(get("expose", (value) => decodeExpose(decoder, value)) ?? []),
    ],
    dependsOn: get("depends_on", (value) => decodeDependsOn(decoder, value)) ?? new Map(),
    healthcheck: get("healthcheck", (value) => decodeHealthcheck(decoder, value)),
    networkOf,
    hostname,
    hostNames: [...new Set([name, hostname ?? name, containerName ?? name, ...aliases])],
    profiles: get("profiles", (value) => decoder.strings(value)) ?? [],
    tryThis: get("x-tracemesh", (value) => decodeTry(decoder, value)),
    unsupported: findUnsupported(map, networkMode),
  };
}

function findUnsupported(map: LocatedMap, networkMode: string | undefined): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [key, { at, path }] of map.entries) {
    if (key === "network_mode" && !/^service:.+$/.test(networkMode ?? "")) {
      const message = `"${networkMode}" is not supported without Docker: only "service:NAME" is`;
      problems.push({ at, path, message });
    }
    if (understood.has(key) || aboutContainersOnly.has(key) || key.startsWith("x-")) continue;
    const message = `is not supported without Docker; understood are ${[...understood].join(", ")}`;
    problems.push({ at, path, message });
  }
  return problems;
}

function decodeCommand(decoder: Decoder, node: Located): ComposeCommand | undefined {
  const words = decoder.words(node);
  return words === undefined ? undefined : { words, at: node.at };
}

function decodePorts(decoder: Decoder, node: Located): readonly PortMapping[] {
  return decoder.list(node).flatMap((item) => {
    if (item.kind !== "map") {
      const text = decoder.string(item);
      if (text === undefined) return [];
      return decoder.attempt(item, () => parsePortMapping(text)) ?? [];
    }
    const target = item.entries.get("target");
    if (target === undefined) {
      decoder.fail(item, "target is missing");
      return [];
    }
    const published = item.entries.get("published");
    return (
      decoder.attempt(item, () => {
        const port = parsePort(decoder.string(target) ?? "");
        return {
          target: port,
          published: published ? parsePort(decoder.string(published) ?? "") : port,
        };
      }) ?? []
    );
  });
}

function decodeExpose(decoder: Decoder, node: Located): readonly PortMapping[] {
  return decoder.list(node).flatMap((item) => {
    const text = decoder.string(item)?.replace(/\/tcp$/, "");
    if (text === undefined) return [];
    const target = decoder.attempt(item, () => parsePort(text));
    return target === undefined ? [] : { target, published: undefined };
  });
}

function decodeDependsOn(
  decoder: Decoder,
  node: Located,
): ReadonlyMap<string, DependencyCondition> {
  if (node.kind === "list") {
    return new Map(decoder.strings(node).map((name) => [name, "service_started"]));
  }
  const conditions = new Map<string, DependencyCondition>();
  for (const [name, value] of decoder.map(node)?.entries ?? []) {
    const condition = decoder.map(value)?.entries.get("condition");
    const text = condition === undefined ? "service_started" : decoder.string(condition);
    if (text === "service_started" || text === "service_healthy") conditions.set(name, text);
    else if (condition !== undefined) {
      decoder.fail(
        condition,
        `condition ${JSON.stringify(text)} is not supported: only service_started and service_healthy are`,
      );
    }
  }
  return conditions;
}

function decodeHealthcheck(decoder: Decoder, node: Located): Healthcheck | undefined {
  const map = decoder.map(node);
  if (map === undefined || String(scalar(map.entries.get("disable"))) === "true") return undefined;
  const test = map.entries.get("test");
  if (test === undefined) return undefined;
  const words =
    test.kind === "list" ? decoder.strings(test) : ["CMD-SHELL", decoder.string(test) ?? ""];
  if (words[0] === "NONE") return undefined;
  if (words[0] !== "CMD" && words[0] !== "CMD-SHELL") {
    decoder.fail(
      test,
      `the list must start with CMD, CMD-SHELL or NONE, got ${JSON.stringify(words[0])}`,
    );
  }
  const duration = (key: string, fallbackMs: number): number => {
    const value = map.entries.get(key);
    if (value === undefined) return fallbackMs;
    const text = decoder.string(value) ?? "";
    const ms = parseDurationMs(text);
    if (ms === undefined)
      decoder.fail(value, `a duration such as 5s or 1m30s is expected, got "${text}"`);
    return ms ?? fallbackMs;
  };
  const retries = map.entries.get("retries");
  // The defaults are Docker's.
  return {
    test: words,
    at: test.at,
    intervalMs: duration("interval", 30_000),
    retries: (retries && decoder.integer(retries)) ?? 3,
    startPeriodMs: duration("start_period", 0),
  };
}

function decodeAliases(decoder: Decoder, node: Located): readonly string[] {
  if (node.kind !== "map") {
    decoder.strings(node);
    return [];
  }
  return [...node.entries.values()].flatMap((network) => {
    const aliases = network.kind === "map" ? network.entries.get("aliases") : undefined;
    return aliases === undefined ? [] : decoder.strings(aliases);
  });
}

function decodeTry(decoder: Decoder, node: Located): string | undefined {
  const value = decoder.map(node)?.entries.get("try");
  return value === undefined ? undefined : decoder.string(value);
}

function scalar(node: Located | undefined): unknown {
  return node?.kind === "scalar" ? node.value : undefined;
}
