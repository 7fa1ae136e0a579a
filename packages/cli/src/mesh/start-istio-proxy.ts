import { resolve } from "node:path";
import { type RunningEnvoy, startEnvoy } from "@tracemesh/envoy";
import { parseArguments, runProxy } from "@tracemesh/istio";
import type { UnitPlan } from "./plan.ts";
import { proxySurroundings, proxyUnit } from "./proxy-unit.ts";
import type { RunningUnit, UnitEvents } from "./running-unit.ts";

/** `tracemesh istio proxy` in this process: the proxy follows its manifests while it runs. */
export async function startIstioProxy(
  plan: UnitPlan,
  words: readonly string[],
  events: UnitEvents,
): Promise<RunningUnit> {
  const parsed = parseArguments(words);
  if (parsed === "help") throw new Error(`${plan.name}: "${words.join(" ")}" runs no proxy`);
  const files = parsed.files.map((file) => resolve(plan.directory, file));
  const tell = (text: string): void => {
    for (const line of text.trimEnd().split("\n")) events.log(line);
  };
  const stop = new AbortController();
  const started = Promise.withResolvers<RunningEnvoy>();
  const run = runProxy(
    { ...parsed, files },
    { out: tell, err: tell, signal: stop.signal },
    async (configYaml) => {
      const envoy = await startEnvoy({ configYaml, ...proxySurroundings(plan, events) });
      started.resolve(envoy);
      return envoy;
    },
  );
  const ended = run.then(
    () => started.reject(new Error(`${plan.name}: the manifests have errors, told above`)),
    started.reject,
  );
  const envoy = await started.promise;
  return proxyUnit(plan, envoy, async () => {
    stop.abort();
    await ended;
  });
}
