/** Filter chains: filters in an order that works, matches that are clear and do not overlap. */
import { isIP } from "node:net";
import type { Report } from "../decode/scope.ts";
import type { ConfigNode } from "../decode/yaml-tree.ts";
import type { FilterChain } from "../filter-chain.ts";
import type { FilterChainMatch } from "../filter-chain-match.ts";
import type { Listener } from "../listener.ts";
import { problemAt } from "./problem-at.ts";

/** `address` is the listener's, as Envoy's messages have it. */
export function checkFilterChains(listener: Listener, address: string, report: Report): void {
  const { filterChains, defaultFilterChain } = listener;
  const adding = `error adding listener '${address}'`;
  if (filterChains.length === 0 && defaultFilterChain === undefined) {
    const envoyMessage = `${adding}: no filter chains specified`;
    const message = "a listener needs a filter chain";
    const stage = "listeners";
    problemAt(listener, { stage, field: "filter_chains", message, envoyMessage }, report);
  }
  checkMatches(listener, adding, report);
  for (const chain of filterChains) checkTerminal(chain, report);
  if (defaultFilterChain !== undefined) checkTerminal(defaultFilterChain, report);
}

/** Both network filters there are answer for the connection: nothing can come after them. */
function checkTerminal(chain: FilterChain, report: Report): void {
  const [first] = chain.filters;
  if (first === undefined || chain.filters.length === 1) return;
  const name = first.config.type === "TcpProxy" ? "tcp_proxy" : "http_connection_manager";
  const envoyMessage = `Error: terminal filter named ${first.name} of type envoy.filters.network.${name} must be the last filter in a network filter chain.`;
  const message = `${JSON.stringify(first.name)} has to be the only filter of its chain`;
  problemAt(chain, { stage: "listeners", field: "filters", message, envoyMessage }, report);
}

function checkMatches({ filterChains }: Listener, adding: string, report: Report): void {
  const byMatch = new Map<string, FilterChain>();
  const taken = new Set<string>();
  for (const [index, chain] of filterChains.entries()) {
    const fail = (field: string | undefined, envoyMessage: string): void => {
      const value = field === undefined ? chain : (chain.filterChainMatch ?? chain);
      const place = field === undefined ? {} : { field };
      const stage = "listeners";
      problemAt(value, { stage, message: envoyMessage, envoyMessage, ...place }, report);
    };
    const match = chain.filterChainMatch;
    if (match !== undefined) checkMatch(match, adding, fail);
    const key = matchText(chain, report);
    const same = byMatch.get(key);
    if (same !== undefined) {
      fail(
        undefined,
        `${adding}: filter chain '${chain.name ?? ""}' has the same matching rules defined as '${same.name ?? ""}'. duplicate matcher is: ${key}`,
      );
      continue;
    }
    byMatch.set(key, filterChains[index] as FilterChain);
    const combinations = combine(match);
    if (combinations.some((combination) => taken.has(combination)))
      fail(
        undefined,
        `${adding}: multiple filter chains with overlapping matching rules are defined`,
      );
    for (const combination of combinations) taken.add(combination);
  }
}

function checkMatch(
  match: FilterChainMatch,
  adding: string,
  fail: (field: string, envoyMessage: string) => void,
): void {
  const ranges = {
    prefix_ranges: match.prefixRanges,
    direct_source_prefix_ranges: match.directSourcePrefixRanges,
    source_prefix_ranges: match.sourcePrefixRanges,
  };
  for (const [field, list] of Object.entries(ranges))
    for (const { addressPrefix } of list)
      if (isIP(addressPrefix) === 0) fail(field, `malformed IP address: ${addressPrefix}`);
  const isPartial = (name: string): boolean =>
    name.includes("*") && (!name.startsWith("*.") || name.lastIndexOf("*") > 0);
  if (match.serverNames.some(isPartial))
    fail("server_names", `${adding}: partial wildcards are not supported in "server_names"`);
}

/** A hundred thousand is more than any file means to say. */
const maxCombinations = 100_000;

/** Every connection the match describes, as one line each: two chains must not share any. */
function combine(match: FilterChainMatch | undefined): readonly string[] {
  const ranges = (list: FilterChainMatch["prefixRanges"] = []): string[] =>
    list.map(({ addressPrefix, prefixLen }) => `${addressPrefix}/${prefixLen}`);
  const lists: readonly (readonly (string | number)[])[] = [
    match?.destinationPort === undefined ? [] : [match.destinationPort],
    ranges(match?.prefixRanges),
    (match?.serverNames ?? []).map((name) => name.toLowerCase()),
    match?.transportProtocol === undefined ? [] : [match.transportProtocol],
    match?.applicationProtocols ?? [],
    ranges(match?.directSourcePrefixRanges),
    match?.sourceType === undefined || match.sourceType === "ANY" ? [] : [match.sourceType],
    ranges(match?.sourcePrefixRanges),
    match?.sourcePorts ?? [],
  ];
  let lines = [""];
  for (const list of lists) {
    const values = list.length === 0 ? [""] : [...new Set(list)];
    if (lines.length * values.length > maxCombinations) return lines;
    lines = lines.flatMap((line) => values.map((value) => `${line}|${value}`));
  }
  return lines;
}

function matchText(chain: FilterChain, report: Report): string {
  const { filterChainMatch } = chain;
  const origin = filterChainMatch && report.origins.get(filterChainMatch);
  return origin === undefined ? "{}" : JSON.stringify(plain(origin.node));
}

function plain(node: ConfigNode): unknown {
  if (node.kind === "list") return node.items.map(plain);
  if (node.kind === "scalar") return node.value;
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]));
}
