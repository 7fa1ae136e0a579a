/** Random tracing configurations: every switch of the Zipkin tracer, of sampling and of edge behaviour, in any combination. */
import fc from "fast-check";
import {
  cluster,
  httpListener,
  router,
  routesOfAll,
  toYaml,
  types,
  zipkinProvider,
} from "../../rig/configuration-parts.ts";

export interface Configuration {
  readonly direction: "INBOUND" | "OUTBOUND" | "UNSPECIFIED";
  readonly useRemoteAddress: boolean | undefined;
  readonly internalLoopback: boolean;
  readonly preserveExternalRequestId: boolean;
  readonly packTraceReason: boolean;
  readonly useRequestIdForSampling: boolean;
  readonly alwaysSetRequestId: boolean;
  readonly clientSampling: number | undefined;
  readonly randomSampling: number | undefined;
  readonly overallSampling: number | undefined;
  readonly runtimeRandomSampling: number | undefined;
  readonly sharedSpanContext: boolean;
  readonly traceId128: boolean;
  readonly w3c: boolean;
  readonly splitSpans: boolean;
  readonly spawnUpstreamSpan: boolean;
  readonly startChildSpan: boolean;
  readonly noContextPropagation: boolean;
  readonly verbose: boolean;
  readonly decorator: string | undefined;
  readonly propagateDecorator: boolean;
  readonly maxPathTagLength: number | undefined;
}

const percent = fc.option(fc.constantFrom(0, 100), { nil: undefined });
const rarely = fc.integer({ min: 0, max: 4 }).map((value) => value === 0);

/**
 * Sampling is all or nothing: a request without an id of its own draws one in each proxy, and what is between 0 and 100 % of those would
 * differ by chance.
 */
export const configurations: fc.Arbitrary<Configuration> = fc.record({
  direction: fc.constantFrom("INBOUND", "OUTBOUND", "UNSPECIFIED"),
  useRemoteAddress: fc.constantFrom(undefined, false, true),
  internalLoopback: fc.boolean(),
  preserveExternalRequestId: fc.boolean(),
  packTraceReason: rarely.map((value) => !value),
  useRequestIdForSampling: rarely.map((value) => !value),
  alwaysSetRequestId: rarely,
  clientSampling: percent,
  randomSampling: percent,
  overallSampling: percent,
  runtimeRandomSampling: fc.option(fc.constantFrom(0, 100), { nil: undefined, freq: 3 }),
  sharedSpanContext: fc.boolean(),
  traceId128: fc.boolean(),
  w3c: fc.boolean(),
  splitSpans: rarely,
  spawnUpstreamSpan: rarely,
  startChildSpan: rarely,
  noContextPropagation: rarely,
  verbose: rarely,
  decorator: fc.option(fc.constantFrom("operation", "GET /items"), { nil: undefined }),
  propagateDecorator: fc.boolean(),
  maxPathTagLength: fc.option(fc.constantFrom(1, 5, 12), { nil: undefined, freq: 4 }),
});

/** The bootstrap, with ports as placeholders. */
export function toEnvoyYaml(configuration: Configuration): string {
  return toYaml({
    node: { id: "fuzz-node", cluster: "fuzz-cluster" },
    layered_runtime: {
      layers: [
        {
          name: "static",
          static_layer: {
            "tracing.zipkin.min_flush_spans": 1,
            ...(configuration.runtimeRandomSampling !== undefined && {
              "tracing.random_sampling": configuration.runtimeRandomSampling,
            }),
          },
        },
      ],
    },
    static_resources: {
      listeners: [
        httpListener("main", "{{LISTENER_PORT}}", managerOf(configuration), {
          traffic_direction: configuration.direction,
        }),
      ],
      clusters: [cluster("service", "{{UPSTREAM_PORT}}"), cluster("zipkin", "{{COLLECTOR_PORT}}")],
    },
  });
}

function managerOf(configuration: Configuration): object {
  return {
    stat_prefix: "fuzz",
    ...(configuration.useRemoteAddress !== undefined && {
      use_remote_address: configuration.useRemoteAddress,
    }),
    ...(configuration.internalLoopback && {
      internal_address_config: { cidr_ranges: [{ address_prefix: "127.0.0.0", prefix_len: 8 }] },
    }),
    preserve_external_request_id: configuration.preserveExternalRequestId,
    always_set_request_id_in_response: configuration.alwaysSetRequestId,
    request_id_extension: {
      typed_config: {
        "@type": `${types}.extensions.request_id.uuid.v3.UuidRequestIdConfig`,
        pack_trace_reason: configuration.packTraceReason,
        use_request_id_for_trace_sampling: configuration.useRequestIdForSampling,
      },
    },
    tracing: tracing(configuration),
    route_config: routesOfAll([route(configuration)]),
    http_filters: [router({ start_child_span: configuration.startChildSpan })],
  };
}

function tracing(configuration: Configuration): unknown {
  const { clientSampling, randomSampling, overallSampling, maxPathTagLength } = configuration;
  return {
    ...(clientSampling !== undefined && { client_sampling: { value: clientSampling } }),
    ...(randomSampling !== undefined && { random_sampling: { value: randomSampling } }),
    ...(overallSampling !== undefined && { overall_sampling: { value: overallSampling } }),
    ...(maxPathTagLength !== undefined && { max_path_tag_length: maxPathTagLength }),
    verbose: configuration.verbose,
    spawn_upstream_span: configuration.spawnUpstreamSpan,
    no_context_propagation: configuration.noContextPropagation,
    provider: zipkinProvider("zipkin", {
      shared_span_context: configuration.sharedSpanContext,
      trace_id_128bit: configuration.traceId128,
      split_spans_for_request: configuration.splitSpans,
      trace_context_option: configuration.w3c ? "USE_B3_WITH_W3C_PROPAGATION" : "USE_B3",
    }),
  };
}

function route({ decorator, propagateDecorator }: Configuration): object {
  return {
    match: { prefix: "/" },
    route: { cluster: "service" },
    ...(decorator !== undefined && {
      decorator: { operation: decorator, propagate: propagateDecorator },
    }),
  };
}
