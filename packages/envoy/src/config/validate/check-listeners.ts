/** Listeners: addresses once and as IP literals, filter chains and what is in them. */
import { isIP } from "node:net";
import type { Address } from "../address.ts";
import type { Bootstrap } from "../bootstrap.ts";
import type { Environment } from "../data-source-bytes.ts";
import type { Report } from "../decode/scope.ts";
import type { Listener } from "../listener.ts";
import { checkConnectionManager } from "./check-connection-manager.ts";
import { checkFilterChains } from "./check-filter-chains.ts";
import { checkTlsContext } from "./check-tls-context.ts";
import { checkTracingProvider } from "./check-tracing-provider.ts";
import { knownClusters } from "./known-clusters.ts";
import { problemAt } from "./problem-at.ts";

export function checkListeners(bootstrap: Bootstrap, report: Report, env: Environment): void {
  const clusters = knownClusters(bootstrap);
  const { admin, tracing, staticResources } = bootstrap;
  if (admin?.address !== undefined) checkIp(admin.address, report);
  if (tracing?.http !== undefined) checkTracingProvider(tracing.http, clusters, report);
  const addresses = new Set<string>();
  for (const listener of staticResources?.listeners ?? []) {
    checkIp(listener.address, report);
    checkUnique(listener, addresses, report);
    checkListenerFilters(listener, report);
    if (listener.address.protocol === "UDP") {
      checkNoFilterChains(listener, addressText(listener.address), report);
      continue;
    }
    checkFilterChains(listener, addressText(listener.address), report);
    const { filterChains, defaultFilterChain } = listener;
    const chains = defaultFilterChain === undefined ? [] : [defaultFilterChain];
    for (const { filters, transportSocket } of [...filterChains, ...chains]) {
      if (transportSocket?.config.type === "DownstreamTlsContext")
        checkTlsContext(transportSocket.config, report, env);
      for (const { config } of filters) {
        if (config.type === "HttpConnectionManager")
          checkConnectionManager(config, clusters, report);
      }
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
  const key = `${address.protocol ?? "TCP"} ${text}`;
  // Port 0 asks for any free port: two listeners may do so.
  if (addresses.has(key) && address.portValue !== 0) {
    const message = `another listener has the address ${text} already`;
    const envoyMessage = `error adding listener: '${listener.name ?? text}' has duplicate address '${text}' as existing listener, to check if the listener has duplicated addresses with other listeners or 'enable_reuse_port' is set to 'false' for the listener`;
    problemAt(address, { stage: "listeners", message, envoyMessage }, report);
  }
  addresses.add(key);
}

function addressText({ address, portValue }: Address): string {
  return isIP(address) === 6 ? `[${address}]:${portValue}` : `${address}:${portValue}`;
}

/** Filters for connections and filters for datagrams do not mix. */
function checkListenerFilters({ address, listenerFilters }: Listener, report: Report): void {
  const isUdp = address.protocol === "UDP";
  for (const filter of listenerFilters) {
    if ((filter.config.type === "UdpProxyConfig") === isUdp) continue;
    const typeName = filter.typeUrl.slice(filter.typeUrl.lastIndexOf("/") + 1);
    const envoyMessage = `Didn't find a registered implementation for '${filter.name}' with type URL: '${typeName}'`;
    const message = `${typeName} is no filter for a ${isUdp ? "UDP" : "TCP"} listener`;
    problemAt(filter, { stage: "listeners", message, envoyMessage }, report);
  }
}

function checkNoFilterChains(listener: Listener, name: string, report: Report): void {
  const count = listener.filterChains.length;
  if (count === 0) return;
  const envoyMessage = `error adding listener '${name}': ${count} filter chain(s) specified for connection-less UDP listener.`;
  const message = "a UDP listener has no connections that filter chains could be for";
  problemAt(
    listener,
    { stage: "listeners", field: "filter_chains", message, envoyMessage },
    report,
  );
}
