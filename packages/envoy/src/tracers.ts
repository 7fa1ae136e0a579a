/** The tracers of a server. Connection managers with the same provider share one, so that their spans share reports. */
import type { TracingProvider } from "./config/tracing.ts";
import { createTracer } from "./tracing/create-tracer.ts";
import type { Tracer } from "./tracing/tracer.ts";
import type { TracerDependencies } from "./tracing/tracer-dependencies.ts";

export class Tracers {
  readonly #dependencies: TracerDependencies;
  readonly #tracers = new Map<string, Tracer>();

  constructor(dependencies: TracerDependencies) {
    this.#dependencies = dependencies;
  }

  get(provider: TracingProvider): Tracer {
    const key = JSON.stringify(provider);
    let tracer = this.#tracers.get(key);
    if (tracer === undefined) {
      tracer = createTracer(provider, this.#dependencies);
      this.#tracers.set(key, tracer);
    }
    return tracer;
  }

  async close(timeoutMs: number): Promise<void> {
    await Promise.all([...this.#tracers.values()].map((tracer) => tracer.close(timeoutMs)));
  }
}
