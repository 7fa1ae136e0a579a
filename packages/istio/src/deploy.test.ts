import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { decodeBootstrap } from "../../envoy/src/config/decode-bootstrap.ts";
import { expandManifestPaths, loadManifests } from "./manifest-files.ts";
import { renderWorkload } from "./render/bootstrap.ts";
import { at } from "./test-manifests.ts";

const deploy = (path: string) => fileURLToPath(new URL(`../../../deploy/${path}`, import.meta.url));
const base = [deploy("istio"), deploy("knative/config.yaml"), deploy("knative/helloworld.yaml")];
const variants = [
  ...expandManifestPaths([deploy("istio/routes")]),
  deploy("knative/helloworld-v2.yaml"),
];
const sidecars = [
  "productpage-v1",
  "details-v1",
  "reviews-v1",
  "reviews-v2",
  "reviews-v3",
  "ratings-v1",
];

describe.each(variants)("%s", (variant) => {
  const { resources, problems } = loadManifests([...base, variant]);

  test("has no errors", () => {
    expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  });

  test.each([...sidecars, "istio-ingressgateway"])(
    "%s is a configuration our proxy takes",
    (workload) => {
      const { bootstrap } = renderWorkload(resources, workload);
      const decoded = decodeBootstrap({
        path: `${workload}.json`,
        text: JSON.stringify(bootstrap),
      });
      expect(decoded.ok ? [] : decoded.problems).toEqual([]);
    },
  );
});

test("a sidecar dials the inbound ports of the others, and its own application", () => {
  const { resources } = loadManifests(base);
  const { bootstrap } = renderWorkload(resources, "productpage-v1");
  const clusters = at(bootstrap, "static_resources", "clusters") as { name: string }[];
  const address = (name: string) => {
    const cluster = clusters.find((item) => item.name === name);
    const endpoints = at(cluster, "load_assignment", "endpoints", 0, "lb_endpoints") as object[];
    return endpoints.map((item) => {
      const socket = at(item, "endpoint", "address", "socket_address");
      return `${at(socket, "address")}:${at(socket, "port_value")}`;
    });
  };
  expect(address("inbound|9080||")).toEqual(["127.0.0.1:9080"]);
  expect(address("outbound|9080||details.default.svc.cluster.local")).toEqual(["details-v1:15116"]);
  expect(address("outbound|9080||reviews.default.svc.cluster.local")).toEqual([
    "reviews-v1:15126",
    "reviews-v2:15136",
    "reviews-v3:15146",
  ]);
  expect(address("outbound|9411||zipkin.istio-system.svc.cluster.local")).toEqual(["zipkin:9411"]);
  expect(address("outbound|80||helloworld-go-00001.default.svc.cluster.local")).toEqual([
    "helloworld:9086",
  ]);
});

test("every listening port of the mesh is its own", () => {
  const { resources } = loadManifests(base);
  const ports = [...sidecars, "istio-ingressgateway"].flatMap((workload) => {
    const { bootstrap } = renderWorkload(resources, workload);
    const listeners = at(bootstrap, "static_resources", "listeners") as object[];
    return [at(bootstrap, "admin"), ...listeners].map((item) =>
      at(item, "address", "socket_address", "port_value"),
    );
  });
  expect(new Set(ports).size).toBe(ports.length);
  expect(ports).toContain(8080);
});

test("--hosts puts every workload on one address, or one workload elsewhere", () => {
  const { resources } = loadManifests(base);
  const endpoint = (hosts: Record<string, string>) => {
    const { bootstrap } = renderWorkload(resources, "productpage-v1", { hosts });
    const clusters = at(bootstrap, "static_resources", "clusters") as {
      name: string;
      type: string;
    }[];
    const found = clusters.find(({ name }) => name.startsWith("outbound|9080||details"));
    const [lb] = at(found, "load_assignment", "endpoints", 0, "lb_endpoints") as object[];
    return { type: found?.type, ...(at(lb, "endpoint", "address", "socket_address") as object) };
  };
  expect(endpoint({ "*": "127.0.0.1" })).toEqual({
    type: "STATIC",
    address: "127.0.0.1",
    port_value: 15116,
  });
  expect(endpoint({ "details-v1": "10.0.0.7:99" })).toEqual({
    type: "STATIC",
    address: "10.0.0.7",
    port_value: 99,
  });
});

test("a Knative Service is shared out at the gateway, with the revision in a header", () => {
  const { resources } = loadManifests([...base, deploy("knative/helloworld-v2.yaml")]);
  const { bootstrap } = renderWorkload(resources, "istio-ingressgateway");
  const manager = at(
    bootstrap,
    "static_resources",
    "listeners",
    0,
    "filter_chains",
    0,
    "filters",
    0,
    "typed_config",
  );
  const hosts = at(manager, "route_config", "virtual_hosts") as {
    domains: string[];
    routes: object[];
  }[];
  const host = hosts.find(({ domains }) => domains.includes("helloworld-go.default.example.com"));
  const clusters = at(host, "routes", 0, "route", "weighted_clusters", "clusters") as object[];
  expect(clusters.map((item) => [at(item, "name"), at(item, "weight")])).toEqual([
    ["outbound|80||helloworld-go-00001.default.svc.cluster.local", 80],
    ["outbound|80||helloworld-go-00002.default.svc.cluster.local", 20],
  ]);
  expect(at(clusters[1], "request_headers_to_add", 1, "header")).toEqual({
    key: "Knative-Serving-Revision",
    value: "helloworld-go-00002",
  });
  expect(at(host, "routes", 0, "route", "retry_policy")).toBeUndefined();
});
