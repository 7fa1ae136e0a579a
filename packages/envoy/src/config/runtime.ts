/** https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/runtime */
import type { Empty, Struct } from "./extension.ts";

export interface LayeredRuntime {
  /** Later layers win. */
  readonly layers: readonly RuntimeLayer[];
}

/** One of staticLayer and adminLayer is present. */
export interface RuntimeLayer {
  readonly name: string;
  readonly staticLayer?: Struct;
  /** Changed over POST /runtime_modify. */
  readonly adminLayer?: Empty;
}
