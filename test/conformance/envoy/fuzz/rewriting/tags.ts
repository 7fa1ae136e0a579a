/** Random tracing settings: both tracers, custom tags of every kind, names of spans. */
import fc from "fast-check";
import { types, zipkinProvider } from "../../rig/configuration-parts.ts";
import { format, requestNames } from "./formats.ts";
import { present } from "./rules.ts";

const kinds = ["request", "route", "cluster", "host"] as const;
const pathTo = (keys: readonly string[]) => keys.map((key) => ({ key }));
const defaultValue = fc.constantFrom(undefined, "", "default");

const source: fc.Arbitrary<object> = fc.oneof(
  fc.constantFrom("fixed", "é", "a\tb").map((value) => ({ literal: { value } })),
  fc
    .tuple(fc.constantFrom("FUZZ_WORD", "FUZZ_NONE", "FUZZ_EMPTY"), defaultValue)
    .map(([name, default_value]) => ({ environment: present({ name, default_value }) })),
  fc
    .tuple(
      fc.constantFrom(...requestNames, ":path", ":authority", "X-A", "x-fuzz-none"),
      defaultValue,
    )
    .map(([name, default_value]) => ({ request_header: present({ name, default_value }) })),
  fc
    .tuple(
      fc.constantFrom(...kinds),
      fc.constantFrom("ns", "none"),
      fc.constantFrom(
        ["text"],
        ["number"],
        ["deep"],
        ["deep", "list"],
        ["none"],
        ["nothing"],
        ["text", "more"],
      ),
      defaultValue,
    )
    .map(([kind, key, path, default_value]) => ({
      metadata: present({
        kind: { [kind]: {} },
        metadata_key: { key, path: pathTo(path) },
        default_value,
      }),
    })),
  format.map((value) => ({ value })),
);

const customTags = fc
  .array(fc.tuple(fc.constantFrom("t1", "t2", "t3", "component", "http.url", "error"), source), {
    maxLength: 5,
  })
  .map((tags) => tags.map(([tag, one]) => ({ tag, ...one })));

/** Spans are told apart by it. */
const idTag = { tag: "fuzz", request_header: { name: "x-fuzz-id" } };

const zipkin = fc
  .record({
    shared_span_context: fc.boolean(),
    trace_id_128bit: fc.boolean(),
    trace_context_option: fc.constantFrom("USE_B3", "USE_B3_WITH_W3C_PROPAGATION"),
  })
  .map((drawn) => zipkinProvider("collector", drawn));

const detectors = "envoy.extensions.tracers.opentelemetry.resource_detectors.v3";
const detector = fc.constantFrom(
  {
    name: "environment",
    typed_config: { "@type": `type.googleapis.com/${detectors}.EnvironmentResourceDetectorConfig` },
  },
  {
    name: "static",
    typed_config: {
      "@type": `type.googleapis.com/${detectors}.StaticConfigResourceDetectorConfig`,
      attributes: { zone: "a", "service.name": "of the detector" },
    },
  },
);

const openTelemetry = fc
  .record({
    service_name: fc.constantFrom(undefined, "", "fuzzed"),
    resource_detectors: fc.option(
      fc.uniqueArray(detector, { maxLength: 2, selector: ({ name }) => name }),
      { nil: undefined },
    ),
    sampler: fc.constantFrom(undefined, {
      name: "on",
      typed_config: {
        "@type":
          "type.googleapis.com/envoy.extensions.tracers.opentelemetry.samplers.v3.AlwaysOnSamplerConfig",
      },
    }),
  })
  .map((drawn) => ({
    name: "envoy.tracers.opentelemetry",
    typed_config: present({
      "@type": `${types}.config.trace.v3.OpenTelemetryConfig`,
      http_service: {
        http_uri: { uri: "http://collector/v1/traces", cluster: "collector", timeout: "1s" },
      },
      ...drawn,
    }),
  }));

export const tracing: fc.Arbitrary<object> = fc
  .record({
    provider: fc.oneof(zipkin, openTelemetry),
    custom_tags: customTags.map((tags) => [...tags, idTag]),
    max_path_tag_length: fc.constantFrom(undefined, 0, 4, 300),
    spawn_upstream_span: fc.constantFrom(undefined, true, false),
    operation: fc.option(format, { nil: undefined, freq: 2 }),
    upstream_operation: fc.option(format, { nil: undefined, freq: 2 }),
    verbose: fc.boolean(),
  })
  .map(present);

export const routeTracing: fc.Arbitrary<object | undefined> = fc.option(
  fc
    .record({
      client_sampling: fc.constantFrom(undefined, { numerator: 100 }),
      custom_tags: customTags,
      operation: fc.option(format, { nil: undefined }),
      upstream_operation: fc.option(format, { nil: undefined }),
    })
    .map(present),
  { nil: undefined, freq: 2 },
);
