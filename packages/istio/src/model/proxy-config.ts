import { LineCounter, parseDocument } from "yaml";
import { maxValues, rootCursor } from "../decode/cursor.ts";
import { siteOf } from "../decode/sites.ts";
import { type ProxyConfig, proxyConfig } from "../kinds/mesh-config.ts";
import { type Problem, problemAt } from "../problem.ts";
import type { Resources } from "../resources.ts";
import type { Workload } from "./workloads.ts";

export const proxyConfigAnnotation = "proxy.istio.io/config";

/** `meshConfig.defaultConfig`, overridden setting by setting by the workload's annotation. */
export function proxyConfigOf(resources: Resources, workload: Workload): ProxyConfig {
  const base = resources.meshConfig.defaultConfig ?? {};
  const own = annotatedProxyConfig(workload).config;
  return { ...base, ...own, tracing: { ...base.tracing, ...own.tracing } };
}

export function annotatedProxyConfig(workload: Workload): {
  readonly config: ProxyConfig;
  readonly problems: readonly Problem[];
} {
  const text = workload.annotations[proxyConfigAnnotation];
  if (text === undefined) return { config: {}, problems: [] };
  // The place of the annotation: the text inside is too short for places of its own.
  const at = siteOf(workload.annotations, proxyConfigAnnotation);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined) {
    const message = `${proxyConfigAnnotation}: ${error.message.split(/ at line |\n/)[0]}`;
    return { config: {}, problems: [problemAt(at, message)] };
  }
  const found: Problem[] = [];
  const source = { file: at.file, document, lines, problems: found, budget: maxValues };
  const config = proxyConfig(rootCursor(source)) ?? {};
  const problems = found.map((problem) => ({
    ...problem,
    ...at,
    message: `${proxyConfigAnnotation}: ${problem.message}`,
  }));
  return { config, problems };
}
