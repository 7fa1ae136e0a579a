/** Listeners: addresses once and as IP literals, one filter chain that ends in a connection manager. */
import { isIP } from "node:net";
import type { Address } from "../address.ts";
import type { Bootstrap } from "../bootstrap.ts";
import type { Report } from "../decode/scope.ts";
import type { Listener } from "../listener.ts";
import { checkConnectionManager } from "./check-connection-manager.ts";
import { checkTracingProvider } from "./check-tracing-provider.ts";
import { knownClusters } from "./known-clusters.ts";
import { problemAt, type ValueProblem } from "./problem-at.ts";

export function checkListeners(bootstrap: Bootstrap, report: Report): void {
  const clusters = knownClusters(bootstrap);
  const { admin, tracing, staticResources } = bootstrap;
  if (admin?.address !== undefined) checkIp(admin.address, report);
  if (tracing?.http !== undefined) checkTracingProvider(tracing.http, clusters, report);
  const addresses = new Set<string>();
  for (const listener of staticResources?.listeners ?? []) {
    checkIp(listener.address, report);
    checkUnique(listener, addresses, report);
    checkFilterChains(listener, report);
    for (const { filters } of listener.filterChains) {
      for (const { config } of filters) checkConnectionManager(config, clusters, report);
    }
  }
}

function checkIp(address: Address, report: Report): void {
  if (isIP(address.address) !== 0) return;
  const envoyMessage = `malformed IP address: ${address.address}`;
  const message = `${JSON.stringify(address.address)} is not an IP address`;
  problemAt(address, { stage: "listeners", message, envoyMessage }, report);
}

function checkUnique(listener: Listener, addresses: Set<string>, report: Report): void {
  const { address } = listener;
  const text = addressText(address);
  // Port 0 asks for any free port: two listeners may do so.
  if (addresses.has(text) && address.portValue !== 0) {
    const message = `another listener has the address ${text} already`;
    const envoyMessage = `error adding listener: '${listener.name ?? text}' has duplicate address '${text}' as existing listener, to check if the listener has duplicated addresses with other listeners or 'enable_reuse_port' is set to 'false' for the listener`;
    problemAt(address, { stage: "listeners", message, envoyMessage }, report);
  }
  addresses.add(text);
}

function addressText({ address, portValue }: Address): string {
  return isIP(address) === 6 ? `[${address}]:${portValue}` : `${address}:${portValue}`;
}

function checkFilterChains(listener: Listener, report: Report): void {
  const { filterChains } = listener;
  const name = addressText(listener.address);
  const add = (problem: Omit<ValueProblem, "stage" | "field">): void =>
    problemAt(listener, { stage: "listeners", field: "filter_chains", ...problem }, report);
  if (filterChains.length === 0) {
    const envoyMessage = `error adding listener '${name}': no filter chains specified`;
    add({ message: "a listener needs a filter chain", envoyMessage });
  }
  filterChains.forEach((chain, index) => {
    const { filters } = chain;
    if (index > 0) {
      const first = filterChains[0]?.name ?? "";
      add({
        index,
        message: "only one filter chain is possible without filter_chain_match",
        envoyMessage: `error adding listener '${name}': filter chain '${chain.name ?? ""}' has the same matching rules defined as '${first}'. duplicate matcher is: {}`,
      });
    }
    if (filters.length === 1) return;
    const message =
      filters.length === 0
        ? "a filter chain without filters closes every connection: not supported here"
        : "the http connection manager has to be the only filter of its chain";
    const envoyMessage = `Error: terminal filter named ${filters[0]?.name} of type envoy.filters.network.http_connection_manager must be the last filter in a network filter chain.`;
    problemAt(chain, { stage: "listeners", field: "filters", message, envoyMessage }, report);
  });
}
