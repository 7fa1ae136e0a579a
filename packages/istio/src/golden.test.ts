import { describe, expect, test } from "vitest";
import { renderWorkload } from "./render/bootstrap.ts";
import { at, goldenText, resourcesOf } from "./test-manifests.ts";

/** Real Istio 1.29's own output for goldens/bookinfo-all-v1.yaml. */
interface Rendered {
  readonly listeners: readonly Record<string, unknown>[];
  readonly routes: readonly Record<string, unknown>[];
  readonly clusters: readonly Record<string, unknown>[];
}

const resources = resourcesOf(goldenText("bookinfo-all-v1.yaml"));
const bootstrapOf = (workload: string) => renderWorkload(resources, workload).bootstrap;
const istioOf = (name: string) =>
  JSON.parse(goldenText(`bookinfo-all-v1.${name}.json`)) as Rendered;

const gateway = { ours: bootstrapOf("istio-ingressgateway"), istio: istioOf("gateway") };
const sidecar = { ours: bootstrapOf("productpage-v1"), istio: istioOf("productpage-v1") };

type Fields = Record<string, unknown>;

/** What of a connection manager is Istio's own, about TLS, or about its control plane. */
function comparableManager(manager: unknown): Fields {
  const {
    rds: _rds,
    route_config: _routes,
    forward_client_cert_details: _cert,
    set_current_client_cert_details: _details,
    http_protocol_options: _http1,
    ...rest
  } = manager as Fields;
  const filters = rest["http_filters"] as readonly Fields[];
  const kept = ["envoy.filters.http.fault", "envoy.filters.http.router"];
  const common = filters.filter(({ name }) => kept.includes(String(name)));
  return { ...rest, http_filters: common, use_remote_address: rest["use_remote_address"] ?? false };
}

function managerOf(listener: unknown, chain = 0): unknown {
  const filters = at(listener, "filter_chains", chain, "filters") as readonly Fields[];
  return at(filters.at(-1), "typed_config");
}

/** What of a cluster is discovery: EDS and original destinations, which a file replaces by endpoints. */
function comparableCluster(cluster: Fields): Fields {
  const keys = ["name", "alt_stat_name", "connect_timeout", "circuit_breakers", "metadata"];
  const lb = String(cluster["name"]).startsWith("outbound|")
    ? { lb_policy: cluster["lb_policy"] }
    : {};
  return { ...Object.fromEntries(keys.map((key) => [key, cluster[key]])), ...lb };
}

const clustersOf = (bootstrap: unknown) =>
  at(bootstrap, "static_resources", "clusters") as readonly Fields[];

describe("the ingress gateway of bookinfo", () => {
  const listener = at(gateway.ours, "static_resources", "listeners", 0);

  test("has Istio's listener", () => {
    const istio = gateway.istio.listeners[0];
    for (const key of ["name", "address", "traffic_direction"]) {
      expect(at(listener, key)).toEqual(at(istio, key));
    }
  });

  test("has Istio's connection manager and tracing settings", () => {
    expect(comparableManager(managerOf(listener))).toEqual(
      comparableManager(managerOf(gateway.istio.listeners[0])),
    );
  });

  test("has Istio's routes, to the letter", () => {
    expect(at(managerOf(listener), "route_config")).toEqual(gateway.istio.routes[0]);
  });

  test("has Istio's clusters in Istio's order", () => {
    expect(clustersOf(gateway.ours).map(comparableCluster)).toEqual(
      gateway.istio.clusters.map(comparableCluster),
    );
  });
});

describe("the sidecar of productpage", () => {
  const [outbound, inbound] = at(sidecar.ours, "static_resources", "listeners") as Fields[];
  const named = (name: string) => sidecar.istio.listeners.find((item) => item["name"] === name);

  test("has Istio's outbound connection manager under the name of the one outbound listener", () => {
    const istio = comparableManager(managerOf(named("0.0.0.0_9080")));
    expect(comparableManager(managerOf(outbound))).toEqual({
      ...istio,
      stat_prefix: "outbound_0.0.0.0_15001;",
    });
  });

  test("has Istio's virtual hosts; the port stands in the domains instead of in the listener", () => {
    const { ignore_port_in_host_matching: _, ...istio } = sidecar.istio.routes[0] ?? {};
    const hosts = (istio["virtual_hosts"] as Fields[]).map((host) => ({
      ...host,
      domains: (host["domains"] as string[]).map((name) => (name === "*" ? name : `${name}:9080`)),
    }));
    expect(at(managerOf(outbound), "route_config")).toEqual({ ...istio, virtual_hosts: hosts });
  });

  test("has Istio's inbound connection manager and route", () => {
    const virtualInbound = named("virtualInbound");
    const chains = at(virtualInbound, "filter_chains") as readonly Fields[];
    const plain = chains.findIndex(
      (chain) =>
        at(chain, "filter_chain_match", "destination_port") === 9080 &&
        at(chain, "filter_chain_match", "transport_protocol") === "raw_buffer",
    );
    const istio = managerOf(virtualInbound, plain);
    expect(comparableManager(managerOf(inbound))).toEqual(comparableManager(istio));
    expect(at(managerOf(inbound), "route_config")).toEqual(at(istio, "route_config"));
    expect(at(inbound, "address")).toEqual(at(virtualInbound, "address"));
  });

  test("has Istio's clusters in Istio's order, but for the connections of other protocols", () => {
    const istio = sidecar.istio.clusters.filter(({ name }) => name !== "InboundPassthroughCluster");
    const ours = clustersOf(sidecar.ours).map(comparableCluster);
    expect(ours.map(({ name }) => name)).toEqual(istio.map(({ name }) => name));
    const plain = (clusters: readonly Fields[]) =>
      clusters.filter(({ name }) => name !== "PassthroughCluster");
    expect(plain(ours)).toEqual(plain(istio.map(comparableCluster)));
  });

  test("is the node that the recorded spans name", () => {
    expect(at(sidecar.ours, "node")).toEqual({
      id: "sidecar~10.1.0.10~productpage-v1.default~default.svc.cluster.local",
      cluster: "productpage.default",
    });
    expect(at(gateway.ours, "node")).toEqual({
      id: "router~10.1.0.80~istio-ingressgateway.istio-system~istio-system.svc.cluster.local",
      cluster: "istio-ingressgateway.istio-system",
    });
  });
});
