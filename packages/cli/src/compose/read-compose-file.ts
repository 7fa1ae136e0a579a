import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ComposeFile, ComposeService } from "./compose-file.ts";
import { decodeService } from "./decode-service.ts";
import { Decoder } from "./decoder.ts";
import { parseDotenv } from "./dotenv.ts";
import { interpolate, type Variables } from "./interpolation.ts";
import { readLocatedYaml } from "./located-yaml.ts";
import { ComposeError } from "./problem.ts";

/** Reads a compose file; variables come from `env`, then from the `.env` file beside it, as with Docker. */
export async function readComposeFile(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
  shownAs: string = path,
): Promise<ComposeFile> {
  const [text, dotenv] = await Promise.all([
    readFile(path, "utf8").catch((cause: unknown) => {
      throw new Error(`cannot read the compose file ${shownAs}`, { cause });
    }),
    readFile(join(dirname(path), ".env"), "utf8").catch(() => ""), // most meshes have none
  ]);
  const defaults = parseDotenv(dotenv);
  return parseComposeFile(shownAs, text, (name) => env[name] ?? defaults.get(name));
}

/** The pure part: text in, mesh out; throws a ComposeError that lists every problem. */
export function parseComposeFile(file: string, text: string, variables: Variables): ComposeFile {
  const root = readLocatedYaml(file, text, (value) => interpolate(value, variables));
  const decoder = new Decoder();
  const services = new Map<string, ComposeService>();
  const top = decoder.map(root);
  for (const [key, node] of top?.entries ?? []) {
    if (key.startsWith("x-") || ["name", "version", "networks", "volumes"].includes(key)) continue;
    if (key !== "services") {
      decoder.fail(
        node,
        "is not supported without Docker: only services, networks and volumes are",
      );
      continue;
    }
    for (const [name, value] of decoder.map(node)?.entries ?? []) {
      const service = decodeService(decoder, name, value, variables);
      if (service !== undefined) services.set(name, service);
    }
  }
  if (top !== undefined && !top.entries.has("services")) decoder.fail(root, "services is missing");
  checkReferences(decoder, services);
  if (decoder.problems.length > 0) throw new ComposeError(file, decoder.problems);
  return { file, services };
}

function checkReferences(decoder: Decoder, services: ReadonlyMap<string, ComposeService>): void {
  const known = [...services.keys()].join(", ");
  for (const { name, at, dependsOn, networkOf } of services.values()) {
    for (const dependency of dependsOn.keys()) {
      if (services.has(dependency)) continue;
      const path = `services.${name}.depends_on`;
      decoder.fail({ at, path }, `unknown service "${dependency}"; services are ${known}`);
    }
    if (networkOf !== undefined && !services.has(networkOf)) {
      const path = `services.${name}.network_mode`;
      decoder.fail({ at, path }, `unknown service "${networkOf}"; services are ${known}`);
    }
  }
}
