import { propagation } from "@opentelemetry/api";

// Set by whoever registers the global propagator and knows that no instrumentation injects with it.
let soleInjector = false;

/** Says that the registered OTel propagator is used by nobody but this library. */
export function declareSoleInjector(sole: boolean): void {
  soleInjector = sole;
}

/**
 * Headers that an OTel instrumentation may write after us. instrumentation-undici appends instead of
 * replacing (open-telemetry/opentelemetry-js-contrib#3711), so writing them too would double them.
 */
export function fieldsWrittenByOthers(): ReadonlySet<string> {
  if (soleInjector) return new Set();
  return new Set(propagation.fields().map((name) => name.toLowerCase()));
}
