import { describe, expect, test } from "vitest";
import { at, goldenText, resourcesOf } from "../test-manifests.ts";
import { renderWorkload } from "./bootstrap.ts";

const resources = resourcesOf(goldenText("every-field.yaml"));
const managerOf = (workload: string) =>
  at(
    renderWorkload(resources, workload).bootstrap,
    ...["static_resources", "listeners", 0, "filter_chains", 0, "filters", 0, "typed_config"],
  );
type Host = { name: string; domains: string[]; routes: Record<string, unknown>[] };
const hostsOf = (workload: string) =>
  at(managerOf(workload), "route_config", "virtual_hosts") as Host[];
const routes = (workload: string) =>
  hostsOf(workload).find(({ name }) => name === "reviews.default.svc.cluster.local:9080")?.routes ??
  [];

describe("a rule with everything", () => {
  const [jason] = routes("details-v1");

  test("matches sorted headers, then pseudo headers, and query parameters", () => {
    const headers = at(jason, "match", "headers") as { name: string }[];
    expect(headers.map(({ name }) => name)).toEqual([
      "end-user",
      "x-a",
      "x-b",
      "x-c",
      "x-d",
      "x-e",
      ":method",
      ":authority",
      ":scheme",
    ]);
    expect(headers[0]).toEqual({ name: "end-user", string_match: { exact: "jason" } });
    expect(headers[5]).toEqual({ name: "x-e", present_match: true, invert_match: true });
    expect(at(jason, "match", "case_sensitive")).toBe(false);
  });

  test("is for the workloads its sourceLabels name", () => {
    expect(jason?.["name"]).toBe("jason.cookie");
    expect(routes("reviews-v1")[0]?.["name"]).toBeUndefined();
  });

  test("writes timeouts, retries, rewrites and mirrors", () => {
    expect(jason?.["route"]).toMatchObject({
      cluster: "outbound|9080|v1|reviews.default.svc.cluster.local",
      prefix_rewrite: "/new",
      host_rewrite_literal: "other.example",
      timeout: "1.5s",
      retry_policy: {
        retry_on: "5xx,retriable-status-codes",
        num_retries: 3,
        per_try_timeout: "0.5s",
        retriable_status_codes: [503],
        retry_back_off: { base_interval: "0.025s" },
      },
      request_mirror_policies: [
        {
          cluster: "outbound|9080||details.default.svc.cluster.local",
          runtime_fraction: { default_value: { numerator: 25000, denominator: "MILLION" } },
          trace_sampled: false,
          disable_shadow_host_suffix_append: true,
        },
      ],
    });
  });

  test("injects faults in millionths", () => {
    expect(at(jason, "typed_per_filter_config", "envoy.filters.http.fault")).toMatchObject({
      delay: { fixed_delay: "2s", percentage: { numerator: 1000, denominator: "MILLION" } },
      abort: { http_status: 418, percentage: { numerator: 500000, denominator: "MILLION" } },
    });
  });

  test("changes headers: set before add, host only as a rewrite", () => {
    expect(jason?.["request_headers_to_add"]).toEqual([
      { header: { key: "x-set", value: "1" }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" },
      { header: { key: "x-add", value: "2" }, append_action: "APPEND_IF_EXISTS_OR_ADD" },
    ]);
    expect(jason?.["request_headers_to_remove"]).toEqual(["x-gone"]);
  });
});

test("redirects, direct responses and weights are named after the VirtualService", () => {
  const [moved, tea, weighted, rest] = routes("reviews-v1");
  expect(moved?.["redirect"]).toEqual({
    host_redirect: "shop.example",
    path_redirect: "/there",
    port_redirect: 9080,
    response_code: "PERMANENT_REDIRECT",
  });
  expect(tea?.["direct_response"]).toEqual({ status: 503, body: { inline_string: "tea" } });
  const clusters = at(weighted, "route", "weighted_clusters", "clusters") as object[];
  expect(clusters.map((item) => at(item, "weight"))).toEqual([80, 19]);
  expect(at(weighted, "route", "retry_policy")).toBeUndefined();
  const names = [moved, tea, weighted, rest].map((route) => at(route, "decorator", "operation"));
  expect(names).toEqual([
    "reviews:9080/moved",
    "reviews:9080/t[0-9]+",
    "reviews:9080/re*",
    "reviews.default.svc.cluster.local:9080/*",
  ]);
});

test("the gateway serves the hosts it shares with a VirtualService, delegates included", () => {
  const hosts = hostsOf("edge");
  expect(hosts.map(({ domains }) => domains)).toEqual([["*.shop.example"], ["shop.example"]]);
  expect(hosts[0]?.routes.map(({ match }) => match)).toEqual([
    { prefix: "/api/reviews", case_sensitive: true },
  ]);
});

test("REGISTRY_ONLY answers 502 to unknown hosts", () => {
  expect(hostsOf("reviews-v1").at(-1)).toMatchObject({
    name: "block_all",
    domains: ["*"],
    routes: [{ direct_response: { status: 502 } }],
  });
});

test("Telemetry without a percentage takes the workload's annotation; its tags join Istio's", () => {
  const tracing = at(managerOf("reviews-v1"), "tracing");
  expect(at(tracing, "random_sampling")).toEqual({ value: 20 });
  expect(at(tracing, "max_path_tag_length")).toBe(64);
  expect(at(tracing, "provider", "typed_config", "trace_id_128bit")).toBe(false);
  expect(at(tracing, "spawn_upstream_span")).toBeUndefined();
  const tags = at(tracing, "custom_tags") as { tag: string }[];
  expect(tags.map(({ tag }) => tag)).toContain("istio.canonical_revision");
  expect(tags).toContainEqual({
    tag: "user",
    request_header: { name: "end-user", default_value: "nobody" },
  });
  expect(at(managerOf("details-v1"), "tracing")).toBeUndefined();
});
