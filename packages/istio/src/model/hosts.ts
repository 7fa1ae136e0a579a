/** The domain of services in the cluster; Istio's default, which this renderer does not vary. */
export const clusterDomain = "cluster.local";

/** A name without dots stands for a service of the given namespace; any other name is complete. */
export function expandHost(host: string, namespace: string): string {
  return host.includes(".") || host.startsWith("*")
    ? host
    : `${host}.${namespace}.svc.${clusterDomain}`;
}

export function serviceHost(name: string, namespace: string): string {
  return `${name}.${namespace}.svc.${clusterDomain}`;
}

/** `*` fits everything, `*.shop.example` any name below shop.example but not shop.example itself. */
export function hostMatches(pattern: string, host: string): boolean {
  if (pattern === "*") return true;
  if (pattern.startsWith("*")) {
    const suffix = pattern.slice(1);
    return host.length > suffix.length && host.endsWith(suffix);
  }
  return pattern === host;
}

/** Whether two hosts, either of which may hold a wildcard, have a name in common. */
export function hostsOverlap(a: string, b: string): boolean {
  return hostMatches(a, b) || hostMatches(b, a) || a === b;
}

/** The narrower of two overlapping hosts. */
export function narrowerHost(a: string, b: string): string {
  if (a === b || hostMatches(b, a)) return a;
  return b;
}

/** Higher is more specific: exact names, then long wildcards, then short ones, then `*`. */
export function hostRank(host: string): number {
  if (host === "*") return 0;
  return host.startsWith("*") ? host.length : 1000 + host.length;
}
