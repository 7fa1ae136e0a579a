import type { ZipkinProvider } from "../kinds/mesh-config.ts";
import type { CustomTag } from "../kinds/telemetry.ts";
import { expandHost } from "../model/hosts.ts";
import { canonicalName, canonicalRevision } from "../model/identity.ts";
import { findService, type Mesh } from "../model/mesh.ts";
import { proxyConfigOf } from "../model/proxy-config.ts";
import { compare } from "../model/services.ts";
import type { Workload } from "../model/workloads.ts";
import { any, extension, given, type JsonObject } from "./json.ts";
import { outboundCluster } from "./names.ts";
import { type TrafficMode, telemetryTracing } from "./telemetry.ts";

/** Percent, when nobody says otherwise: PILOT_TRACE_SAMPLING's default. */
const defaultSampling = 1;

const zipkinType = "envoy.config.trace.v3.ZipkinConfig";

/** The bootstrap's own collector cluster, where tracing is set up by MeshConfig alone. */
export const meshCollector = "zipkin";

/** `tracing` of a connection manager, or nothing where it does not trace. */
export function connectionManagerTracing(
  mesh: Mesh,
  workload: Workload,
  mode: TrafficMode,
): JsonObject | undefined {
  const telemetry = telemetryTracing(mesh, workload, mode);
  const { meshConfig } = mesh.resources;
  const names =
    telemetry?.providers?.map(({ name }) => name) ?? meshConfig.defaultProviders?.tracing;
  const [name] = names ?? [];
  const { tracing = {} } = proxyConfigOf(mesh.resources, workload);
  if (telemetry === undefined && name === undefined) {
    return collectorAddress(mesh, workload) === undefined
      ? undefined
      : sampled(
          samplingOf(undefined, tracing.sampling),
          tagsOf(workload, tracing.customTags, true),
          {},
        );
  }
  if (telemetry?.disableSpanReporting === true || name === undefined) return undefined;
  const zipkin = meshConfig.extensionProviders?.find((item) => item.name === name)?.zipkin;
  if (zipkin === undefined || collectorCluster(mesh, zipkin) === undefined) return undefined;
  const custom = telemetry?.customTags ?? tracing.customTags;
  const tags = tagsOf(workload, custom, telemetry?.enableIstioTags ?? true);
  return {
    ...sampled(samplingOf(telemetry?.randomSamplingPercentage, tracing.sampling), tags, {
      ...given("max_path_tag_length", zipkin.maxTagLength),
      provider: extension("envoy.tracers.zipkin", zipkinType, provider(mesh, zipkin)),
    }),
    // Only a gateway tells its upstream call apart from the request it received.
    ...(workload.proxy === "gateway" ? { spawn_upstream_span: true } : {}),
  };
}

/** A Telemetry of 0 is 0; in MeshConfig 0 and values above 100 mean "not set". */
function samplingOf(telemetry: number | undefined, proxy: number | undefined): number {
  if (telemetry !== undefined) return telemetry;
  return proxy !== undefined && proxy > 0 && proxy <= 100 ? proxy : defaultSampling;
}

function sampled(random: number, customTags: readonly JsonObject[], more: JsonObject): JsonObject {
  return {
    client_sampling: { value: 100 },
    random_sampling: { value: random },
    overall_sampling: { value: 100 },
    ...given("custom_tags", customTags),
    ...more,
  };
}

export function collectorCluster(mesh: Mesh, zipkin: ZipkinProvider): string | undefined {
  const host = expandHost(zipkin.service.slice(zipkin.service.indexOf("/") + 1), "istio-system");
  const service = findService(mesh, host);
  return service?.ports.some(({ port }) => port === zipkin.port)
    ? outboundCluster(zipkin.port, "", host)
    : undefined;
}

function provider(mesh: Mesh, zipkin: ZipkinProvider): JsonObject {
  const host = zipkin.service.slice(zipkin.service.indexOf("/") + 1);
  return {
    trace_id_128bit: zipkin.enable64bitTraceId !== true,
    shared_span_context: false,
    collector_endpoint_version: "HTTP_JSON",
    ...(zipkin.traceContextOption === undefined
      ? {}
      : { trace_context_option: zipkin.traceContextOption }),
    collector_service: {
      http_uri: {
        uri: `http://${host}${zipkin.path ?? "/api/v2/spans"}`,
        cluster: collectorCluster(mesh, zipkin) ?? "",
        timeout: "5s",
      },
    },
  };
}

/** Where MeshConfig alone, without Telemetry and providers, sends spans. */
export function collectorAddress(mesh: Mesh, workload: Workload): string | undefined {
  const { meshConfig } = mesh.resources;
  if (meshConfig.enableTracing === false || usesProviders(mesh, workload)) return undefined;
  return proxyConfigOf(mesh.resources, workload).tracing?.zipkin?.address;
}

function usesProviders(mesh: Mesh, workload: Workload): boolean {
  if ((mesh.resources.meshConfig.defaultProviders?.tracing ?? []).length > 0) return true;
  return (["CLIENT", "SERVER"] as const).some(
    (mode) => telemetryTracing(mesh, workload, mode) !== undefined,
  );
}

/** `tracing` of the bootstrap. */
export function bootstrapTracing(): JsonObject {
  const config = any(zipkinType, {
    collector_cluster: meshCollector,
    collector_endpoint: "/api/v2/spans",
    collector_endpoint_version: "HTTP_JSON",
    trace_id_128bit: true,
    shared_span_context: false,
  });
  return { http: { name: "envoy.tracers.zipkin", typed_config: config } };
}

const dryRun = [
  ["allow_policy.name", "istio_dry_run_allow_shadow_effective_policy_id"],
  ["allow_policy.result", "istio_dry_run_allow_shadow_engine_result"],
  ["deny_policy.name", "istio_dry_run_deny_shadow_effective_policy_id"],
  ["deny_policy.result", "istio_dry_run_deny_shadow_engine_result"],
] as const;

function tagsOf(
  workload: Workload,
  custom: Readonly<Record<string, CustomTag>> | undefined,
  istio: boolean,
): JsonObject[] {
  const literal = (tag: string, value: string) => ({ tag, literal: { value } });
  const own = Object.entries(custom ?? {}).map(([tag, source]) => ({ tag, ...customTag(source) }));
  const builtIn: JsonObject[] = [
    ...dryRun.map(([tag, key]) => ({
      tag: `istio.authorization.dry_run.${tag}`,
      metadata: {
        kind: { request: {} },
        metadata_key: { key: "envoy.filters.http.rbac", path: [{ key }] },
      },
    })),
    literal("istio.canonical_revision", canonicalRevision(workload)),
    literal("istio.canonical_service", canonicalName(workload)),
    literal("istio.cluster_id", "Kubernetes"),
    literal("istio.mesh_id", "cluster.local"),
    literal("istio.namespace", workload.namespace),
  ];
  const names = new Set(own.map(({ tag }) => tag));
  const tags = [...(istio ? builtIn.filter(({ tag }) => !names.has(String(tag))) : []), ...own];
  return tags.sort((a, b) => compare(String(a["tag"]), String(b["tag"])));
}

function customTag(tag: CustomTag): JsonObject {
  switch (tag.kind) {
    case "literal":
      return { literal: { value: tag.value } };
    case "header":
      return { request_header: { name: tag.name, ...given("default_value", tag.defaultValue) } };
    case "environment":
      return { environment: { name: tag.name, ...given("default_value", tag.defaultValue) } };
  }
}
