/** What both sides make of a scenario, without what may differ between two runs of the same proxy. */
import type { Scenario } from "./scenarios-downstream.ts";
import type { Side } from "./side.ts";

export interface Verdict {
  /** What the client got. */
  readonly client: readonly string[];
  /** What each connection of the upstream got. */
  readonly upstream: readonly (readonly string[])[];
  readonly log: readonly string[];
}

/** Scenarios that are about settings and windows; in others they only come at odd times. */
const ofSettings = /^a plain request$|^windows and limits/;

export async function verdictOf(side: Side, scenario: Scenario): Promise<Verdict> {
  const client = await scenario.run(side);
  if (client.events.some((event) => event.startsWith("GOAWAY"))) await client.until("closed", 500);
  const events = [...client.events];
  client.destroy();
  const log = await side.log();
  const upstream = side.upstreams.map((peer) => peer.events.filter((event) => !isEnd(event)));
  side.reset();
  const seen = ofSettings.test(scenario.name) ? normalised : withoutSettings;
  return {
    client: seen(events),
    upstream: upstream.map(seen).filter((one) => one.length > 0),
    log: counted(log),
  };
}

/** Whether the upstream's connection ends with a response that is none is not compared: a RST_STREAM does for node:http2. */
function isEnd(event: string): boolean {
  return /^(closed|GOAWAY|RST_STREAM \d+ PROTOCOL_ERROR)/.test(event);
}

function withoutSettings(events: readonly string[]): string[] {
  return normalised(events.filter((event) => !/^(SETTINGS|WINDOW_UPDATE)/.test(event)));
}

function normalised(events: readonly string[]): string[] {
  const kept: string[] = [];
  for (const event of events) {
    const previous = kept.at(-1) ?? "";
    // How a body is cut into frames is nobody's business.
    const [, stream, end = "", size] = /^DATA (\d+)( end)? (\d+)$/.exec(event) ?? [];
    const [, sameStream, endBefore, before] = /^DATA (\d+)( end)? (\d+)$/.exec(previous) ?? [];
    if (size !== undefined && before !== undefined && stream === sameStream && !endBefore)
      kept[kept.length - 1] = `DATA ${stream}${end} ${Number(before) + Number(size)}`;
    // When it comes depends on what is read first.
    else if (event !== "SETTINGS ack") kept.push(withoutTime(event));
  }
  return counted(kept);
}

function withoutTime(event: string): string {
  if (event.startsWith("SETTINGS ")) {
    const [name, ...pairs] = event.split(" ");
    return [name, ...pairs.sort()].join(" ");
  }
  return event
    .replace(/ date=[^=]* GMT/, " date=D")
    .replace(/service-time=\d+/, "service-time=N")
    .replace(/timeout-ms=\d+/, "timeout-ms=N");
}

/** Runs of the same, with their length. */
function counted(lines: readonly string[]): string[] {
  const runs: [line: string, count: number][] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last !== undefined && last[0] === line) last[1] += 1;
    else runs.push([line, 1]);
  }
  return runs.map(([line, count]) => (count === 1 ? line : `${line} (${count} times)`));
}

/** Ours says why it ends a connection also where Envoy just ends it. */
export function withoutReasons(
  client: readonly string[],
  expected: readonly string[],
): readonly string[] {
  return expected.some((event) => event.startsWith("GOAWAY"))
    ? client
    : client.filter((event) => !event.startsWith("GOAWAY"));
}
