/** Statistics in Prometheus' text format, with the parts of a name that vary as labels. https://prometheus.io/docs/instrumenting/exposition_formats/ */
import type { Sample } from "./stats-endpoints.ts";

interface Label {
  readonly name: string;
  /** The first group is what leaves the metric's name, the second the label's value. */
  readonly pattern: RegExp;
}

/** Envoy's default tags, in its order. (well_known_names.cc) */
const labels: readonly Label[] = [
  { name: "envoy_response_code", pattern: /^cluster\..*?\.upstream_rq(_(\d{3}))$/ },
  {
    name: "envoy_response_code",
    pattern: /^cluster\..*?\.(?:internal|external)\.upstream_rq(_(\d{3}))$/,
  },
  { name: "envoy_response_code_class", pattern: /_rq_((\d))xx$/ },
  {
    name: "envoy_cluster_name",
    pattern:
      /^cluster\.((.+?)\.)(?=(?:upstream|membership|update|internal|external|lb|assignment|version|max_host|circuit|retry|bind)[._])/,
  },
  { name: "envoy_http_conn_manager_prefix", pattern: /^http\.((.*?)\.)/ },
  { name: "envoy_http_conn_manager_prefix", pattern: /^listener\..*?\.http\.((.*?)\.)/ },
  {
    name: "envoy_listener_address",
    pattern: /^listener\.(((?:\d+\.\d+\.\d+\.\d+|[_\d\p{L}[\]-]+)(?:_\d+)?)\.)/u,
  },
];

export function renderPrometheus(samples: readonly Sample[]): string {
  return (["counter", "gauge"] as const).map((kind) => renderKind(samples, kind)).join("");
}

function renderKind(samples: readonly Sample[], kind: Sample["kind"]): string {
  const metrics = new Map<string, string[]>();
  for (const sample of samples) {
    if (sample.kind !== kind) continue;
    const { name, tags } = extractLabels(sample.name);
    const metric = `envoy_${name.replace(/[^a-zA-Z0-9_]/g, "_")}`;
    const lines = metrics.get(metric) ?? [];
    lines.push(`${metric}{${tags.join(",")}} ${sample.value}\n`);
    metrics.set(metric, lines);
  }
  return [...metrics.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([metric, lines]) => `# TYPE ${metric} ${kind}\n${lines.join("")}`)
    .join("");
}

function extractLabels(full: string): { name: string; tags: string[] } {
  const tags: string[] = [];
  const cuts: [start: number, end: number][] = [];
  for (const { name, pattern } of labels) {
    const match = new RegExp(pattern.source, `${pattern.flags}d`).exec(full);
    const cut = match?.indices?.[1];
    const value = match?.[2];
    if (cut === undefined || value === undefined) continue;
    tags.push(`${name}="${value.replace(/["\\\n]/g, "\\$&")}"`);
    cuts.push(cut);
  }
  let name = full;
  for (const [start, end] of cuts.sort(([a], [b]) => b - a))
    name = name.slice(0, start) + name.slice(end);
  return { name, tags };
}
