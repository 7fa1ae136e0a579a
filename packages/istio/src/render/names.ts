/** Istio's names, as metrics, admin pages and span tags show them. */

export function outboundCluster(port: number, subset: string, host: string): string {
  return `outbound|${port}|${subset}|${host}`;
}

/** Named after the port the application's container has in the cluster. */
export function inboundCluster(targetPort: number): string {
  return `inbound|${targetPort}||`;
}

/** Istio ends statistics prefixes with a delimiter; spans that a gateway opens for its upstream call are named after it. */
export function delimited(name: string): string {
  return `${name};`;
}

export const passthroughCluster = "PassthroughCluster";
export const blackHoleCluster = "BlackHoleCluster";

export function configPath(
  kind: "virtual-service" | "destination-rule",
  namespace: string,
  name: string,
): string {
  return `/apis/networking.istio.io/v1/namespaces/${namespace}/${kind}/${name}`;
}
