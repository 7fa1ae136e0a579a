import { posix } from "node:path";
import type { ComposeService } from "../compose/compose-file.ts";
import type { Problem } from "../compose/problem.ts";
import { type EnvoyArguments, parseEnvoyArguments } from "./envoy-arguments.ts";

/** What a service of the compose file is when it runs without Docker. */
export type Program =
  | { readonly kind: "service" /** Relative to the compose file. */; readonly module: string }
  | { readonly kind: "envoy"; readonly arguments: EnvoyArguments }
  /** `tracemesh istio proxy`: its words, files relative to the compose file. */
  | { readonly kind: "istio"; readonly words: readonly string[] }
  | { readonly kind: "zipkin" };

const allowed =
  "without Docker these run: `tracemesh envoy …`, `tracemesh istio proxy …`, `tracemesh zipkin`, `node services/NAME/src/main.ts` and the image openzipkin/zipkin";

/** Recognises the program by command and image. Returns what is wrong when it is none of ours. */
export function recogniseProgram(service: ComposeService): Program | Problem {
  const { command, image, name, at } = service;
  if (command === undefined) {
    if (/(?:^|\/)openzipkin\/zipkin(?:-slim)?(?:[:@]|$)/.test(image ?? ""))
      return { kind: "zipkin" };
    const what = image === undefined ? "no command" : `the image ${image}`;
    return { at, path: `services.${name}`, message: `${what} cannot run here; ${allowed}` };
  }
  const complain = (message: string): Problem => ({
    at: command.at,
    path: `services.${name}.command`,
    message,
  });
  const [program, second, ...rest] = command.words;
  if (program === "tracemesh" && second === "envoy") {
    try {
      return { kind: "envoy", arguments: parseEnvoyArguments(rest) };
    } catch (error) {
      return complain(error instanceof Error ? error.message : String(error));
    }
  }
  if (program === "tracemesh" && second === "istio" && rest[0] === "proxy") {
    return { kind: "istio", words: rest };
  }
  if (program === "tracemesh" && second === "zipkin" && rest.length === 0)
    return { kind: "zipkin" };
  const folder = /^(?:\.\/)?(services\/[\w-]+\/src)\/main\.ts$/.exec(second ?? "")?.[1];
  if (program === "node" && folder !== undefined && rest.length === 0) {
    return { kind: "service", module: posix.join(folder, "app.ts") };
  }
  return complain(`"${command.words.join(" ")}" cannot run here; ${allowed}`);
}

export function isProblem(value: Program | Problem): value is Problem {
  return "message" in value;
}
