import type { Scenario } from "./scenarios.ts";
import type { Side } from "./side.ts";

export interface Verdict {
  /** What the client got, and how it ended. */
  readonly client: string;
  /** What each connection of the upstream got, before the client went. */
  readonly upstream: readonly string[];
  readonly log: readonly string[];
}

export async function verdictOf(side: Side, scenario: Scenario): Promise<Verdict> {
  const client = await scenario.run(side);
  // Whether by FIN or by RST depends on what of the client's is still unread.
  const seen = withoutTime(`${client.text}${client.ending === "" ? "" : " closed"}`);
  const upstream = side.upstreams.map(({ text }) => withoutTime(text));
  client.destroy();
  const log = await side.log();
  side.reset();
  return { client: seen, upstream: upstream.filter((text) => text !== ""), log };
}

function withoutTime(text: string): string {
  return text
    .replace(/date: [^\r]*/g, "date: D")
    .replace(/x-envoy-upstream-service-time: \d+/g, "x-envoy-upstream-service-time: N")
    .replace(/x-envoy-expected-rq-timeout-ms: \d+/g, "x-envoy-expected-rq-timeout-ms: N");
}
