/**
 * Finds the filter chain for a connection as Envoy does: criterion by criterion, the most specific value first, and without a way back: once
 * a value matched, the chains under it are the only ones left. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#config-listener-v3-filterchainmatch
 */
import type { CidrRange } from "../config/address.ts";
import type { FilterChainMatch } from "../config/filter-chain-match.ts";
import { isLoopback } from "../connection-manager/ip-address.ts";
import { RangeMap } from "./range-map.ts";

/** What is known of a connection when its chain is chosen. */
export interface ConnectionFacts {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Lower case; empty without SNI, or without tls_inspector. */
  readonly serverName: string;
  readonly transportProtocol: string;
  readonly applicationProtocols: readonly string[];
}

interface Entry<Chain> {
  readonly match: FilterChainMatch | undefined;
  readonly chain: Chain;
}

type Find<Chain> = (facts: ConnectionFacts) => Chain | undefined;

/** One criterion: how entries are grouped, and how a connection finds its group. */
type Step<Chain> = (entries: readonly Entry<Chain>[], next: Build<Chain>) => Find<Chain>;
type Build<Chain> = (entries: readonly Entry<Chain>[]) => Find<Chain>;

export function compileFilterChains<Chain>(
  chains: readonly Entry<Chain>[],
  defaultChain: Chain | undefined,
): Find<Chain> {
  const [only] = chains;
  if (only !== undefined && chains.length === 1 && only.match === undefined)
    return () => only.chain;
  const find = build(criteria<Chain>(), chains);
  return (facts) => find(facts) ?? defaultChain;
}

/** In Envoy's order. */
function criteria<Chain>(): readonly Step<Chain>[] {
  return [
    byValue(
      ({ destinationPort }) => (destinationPort === undefined ? [] : [destinationPort]),
      ({ localPort }) => [localPort],
    ),
    byRange(
      ({ prefixRanges }) => prefixRanges,
      ({ localAddress }) => localAddress,
    ),
    byValue(
      ({ serverNames }) => serverNames.map((name) => name.toLowerCase().replace(/^\*\./, ".")),
      ({ serverName }) => nameAndParents(serverName),
    ),
    byValue(
      ({ transportProtocol = "" }) => (transportProtocol === "" ? [] : [transportProtocol]),
      ({ transportProtocol }) => [transportProtocol],
    ),
    byValue(
      ({ applicationProtocols }) => applicationProtocols,
      ({ applicationProtocols }) => applicationProtocols,
    ),
    byRange(
      ({ directSourcePrefixRanges }) => directSourcePrefixRanges,
      ({ remoteAddress }) => remoteAddress,
    ),
    byValue(
      ({ sourceType = "ANY" }) => (sourceType === "ANY" ? [] : [sourceType]),
      (facts) => [isLocal(facts) ? "SAME_IP_OR_LOOPBACK" : "EXTERNAL"],
    ),
    byRange(
      ({ sourcePrefixRanges }) => sourcePrefixRanges,
      ({ remoteAddress }) => remoteAddress,
    ),
    byValue(
      ({ sourcePorts }) => sourcePorts,
      ({ remotePort }) => [remotePort],
    ),
  ];
}

function build<Chain>(
  steps: readonly Step<Chain>[],
  entries: readonly Entry<Chain>[],
): Find<Chain> {
  const [step, ...rest] = steps;
  if (step !== undefined) return step(entries, (group) => build(rest, group));
  const chain = entries[0]?.chain;
  return () => chain;
}

/** A connection's values are tried in order, then the chains that ask for none. */
function byValue<Chain>(
  wanted: (match: FilterChainMatch) => readonly (string | number)[],
  offered: (facts: ConnectionFacts) => readonly (string | number)[],
): Step<Chain> {
  return (entries, next) => {
    const groups = new Map<string | number, Entry<Chain>[]>();
    const any: Entry<Chain>[] = [];
    for (const entry of entries) {
      const values = entry.match === undefined ? [] : wanted(entry.match);
      if (values.length === 0) any.push(entry);
      for (const value of values) groups.set(value, [...(groups.get(value) ?? []), entry]);
    }
    const otherwise = any.length === 0 ? undefined : next(any);
    if (groups.size === 0) return (facts) => otherwise?.(facts);
    const finds = new Map([...groups].map(([value, group]) => [value, next(group)]));
    return (facts) => {
      for (const value of offered(facts)) {
        const find = finds.get(value);
        if (find !== undefined) return find(facts);
      }
      return otherwise?.(facts);
    };
  };
}

/** The longest prefix wins; chains that ask for none stand for 0.0.0.0/0 and ::/0. */
function byRange<Chain>(
  wanted: (match: FilterChainMatch) => readonly CidrRange[],
  offered: (facts: ConnectionFacts) => string,
): Step<Chain> {
  return (entries, next) => {
    const ranges = new RangeMap<Entry<Chain>[]>();
    for (const entry of entries) {
      const list = entry.match === undefined ? [] : wanted(entry.match);
      for (const range of list.length === 0 ? everywhere : list)
        ranges.getOrAdd(range, () => []).push(entry);
    }
    const finds = ranges.map(next);
    return (facts) => finds.find(offered(facts))?.(facts);
  };
}

const everywhere: readonly CidrRange[] = [
  { addressPrefix: "0.0.0.0", prefixLen: 0 },
  { addressPrefix: "::", prefixLen: 0 },
];

/** www.example.com, .example.com, .com */
function nameAndParents(name: string): readonly string[] {
  const names = [name];
  let dot = name.indexOf(".", 1);
  while (dot !== -1 && dot < name.length - 1) {
    names.push(name.slice(dot));
    dot = name.indexOf(".", dot + 1);
  }
  return names;
}

/** From this machine: over loopback, or from the address that was called. */
function isLocal({ remoteAddress, localAddress }: ConnectionFacts): boolean {
  return remoteAddress === localAddress || isLoopback(remoteAddress);
}
