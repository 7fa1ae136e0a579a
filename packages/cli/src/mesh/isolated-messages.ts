import type { TraceSpan } from "../terminal/trace-model.ts";
import type { UnitPlan } from "./plan.ts";
import type { UnitAddress } from "./running-unit.ts";

/** From `tracemesh up --isolate` to the process of one unit. The end of the channel means stop, too. */
export type ToUnit =
  | { readonly kind: "start"; readonly plan: UnitPlan }
  | { readonly kind: "stop" };

/** From the process of a unit. Its log goes through stdout. */
export type FromUnit =
  | { readonly kind: "ready"; readonly addresses: readonly UnitAddress[] }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "trace"; readonly spans: readonly TraceSpan[] };
