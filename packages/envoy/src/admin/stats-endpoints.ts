/** /stats in its formats. https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--stats */
import type { StatsStore } from "../stats/stats-store.ts";
import {
  type AdminAnswer,
  type AdminEndpoint,
  type AdminRequest,
  badRequest,
  jsonType,
} from "./admin-endpoint.ts";
import { renderPrometheus } from "./prometheus.ts";

export interface Sample {
  readonly name: string;
  readonly kind: "counter" | "gauge";
  readonly value: number;
}

const parameters = [
  { name: "usedonly", help: "Only include stats that have been written by system since restart" },
  { name: "filter", help: "Regular expression (Google re2) for filtering stats" },
  { name: "invert_filter", help: "Invert the filter regex" },
] as const;

export const statsEndpoint: AdminEndpoint = {
  path: "/stats",
  help: "print server stats",
  parameters: [
    ...parameters,
    { name: "format", help: "Format to use; One of (text, json, prometheus)" },
    { name: "type", help: "Stat types to include.; One of (All, Counters, Gauges)" },
  ],
  answer(request, { context }) {
    const format = request.query.get("format") ?? "text";
    const selection = parseSelection(request);
    if ("body" in selection) return selection;
    const samples = (): Sample[] => select(context.stats, selection);
    switch (format) {
      case "text":
        return {
          body: () =>
            samples()
              .map(({ name, value }) => `${name}: ${value}\n`)
              .join(""),
        };
      case "json":
        return {
          contentType: jsonType,
          body: () => JSON.stringify({ stats: samples().map(jsonSample) }),
        };
      case "prometheus":
        return { body: () => renderPrometheus(samples()) };
      default:
        return badRequest(`usage: /stats?format=(text|json|prometheus)\n\nreceived "${format}"\n`);
    }
  },
};

function jsonSample({ name, value }: Sample): { name: string; value: number } {
  return { name, value };
}

export const prometheusEndpoint: AdminEndpoint = {
  path: "/stats/prometheus",
  help: "print server stats in prometheus format",
  parameters,
  answer(request, { context }) {
    const selection = parseSelection(request);
    if ("body" in selection) return selection;
    return { body: () => renderPrometheus(select(context.stats, selection)) };
  },
};

export const resetCountersEndpoint: AdminEndpoint = {
  path: "/reset_counters",
  help: "reset all counters to zero",
  mutates: true,
  answer(_request, { context }) {
    context.stats.resetCounters();
    return { body: "OK\n" };
  },
};

interface Selection {
  readonly filter: RegExp | undefined;
  readonly invert: boolean;
  readonly usedOnly: boolean;
  readonly type: string;
}

function parseSelection({ query }: AdminRequest): Selection | AdminAnswer {
  const pattern = query.get("filter");
  try {
    return {
      filter: pattern === null || pattern === "" ? undefined : new RegExp(pattern),
      invert: query.has("invert_filter"),
      usedOnly: query.has("usedonly"),
      type: query.get("type") ?? "All",
    };
  } catch (error) {
    return badRequest(`Invalid re2 regex: ${error instanceof Error ? error.message : pattern}\n`);
  }
}

/** In order of their names. */
function select(stats: StatsStore, { filter, invert, usedOnly, type }: Selection): Sample[] {
  const samples: Sample[] = [];
  const take = (sample: Sample): void => {
    if (usedOnly && sample.value === 0) return;
    if (filter !== undefined && filter.test(sample.name) === invert) return;
    samples.push(sample);
  };
  if (type !== "Gauges")
    for (const { name, value } of stats.counters()) take({ name, value, kind: "counter" });
  if (type !== "Counters")
    for (const { name, value } of stats.gauges()) take({ name, value, kind: "gauge" });
  return samples.sort((a, b) => (a.name < b.name ? -1 : 1));
}
