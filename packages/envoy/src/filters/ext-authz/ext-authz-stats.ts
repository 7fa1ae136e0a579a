/** Under `http.<prefix>.ext_authz.`, and the verdicts also under the cluster that the request was routed to. */
import type { Counter, StatsStore } from "../../stats/stats-store.ts";

export type Verdict = "ok" | "denied" | "error" | "failure_mode_allowed" | "invalid";

const others = [
  "disabled",
  "filter_state_name_collision",
  "ignored_dynamic_metadata",
  "omitted_response_headers",
  "request_header_limits_reached",
  "response_header_limits_reached",
  "shadow_denied",
  "shadow_error",
] as const;
const verdicts: readonly Verdict[] = ["ok", "denied", "error", "failure_mode_allowed", "invalid"];

export class ExtAuthzStats {
  readonly disabled: Counter;
  readonly ignoredMetadata: Counter;
  readonly #store: StatsStore;
  readonly #verdicts: Readonly<Record<Verdict, Counter>>;
  readonly #infix: string;

  /** `own` is the filter's stat_prefix. */
  constructor(store: StatsStore, httpPrefix: string, own: string) {
    this.#store = store;
    this.#infix = own === "" ? "ext_authz." : `ext_authz.${own}.`;
    const counter = (name: string): Counter =>
      store.counter(`http.${httpPrefix}.${this.#infix}${name}`);
    this.#verdicts = Object.fromEntries(
      verdicts.map((verdict) => [verdict, counter(verdict)]),
    ) as Record<Verdict, Counter>;
    for (const name of others) counter(name);
    this.disabled = counter("disabled");
    this.ignoredMetadata = counter("ignored_dynamic_metadata");
  }

  count(verdict: Verdict, cluster: string | undefined): void {
    this.#verdicts[verdict].inc();
    if (cluster !== undefined)
      this.#store.counter(`cluster.${cluster}.${this.#infix}${verdict}`).inc();
  }
}
