/** Random access logs: text and JSON formats, and filters of every kind. */
import fc from "fast-check";
import { types } from "../../rig/configuration-parts.ts";
import { format, operator } from "./formats.ts";
import { changingKey, markChanging } from "./mask.ts";
import { present } from "./rules.ts";

/** A line tells whose it is and which request it stands for, wherever that ends up in it. */
const label = (at: number) => `L${at}|%REQ(x-fuzz-id)%|`;
export const labelled: RegExp = /L(\d+)\|([^|]*)\|/;

type At<T> = (at: number) => T;

const omitEmpty = fc.constantFrom(undefined, true, false);

const text: fc.Arbitrary<At<object>> = fc
  .tuple(fc.array(format, { maxLength: 8 }), omitEmpty, fc.boolean())
  .map(([formats, omit_empty_values, isOld]) => (at: number) => {
    const line = `${label(at)} ${formats.map((one, i) => `${i}=[${one}]`).join(" ")}\n`;
    return present({
      ...(isOld ? { text_format: line } : { text_format_source: { inline_string: line } }),
      omit_empty_values,
    });
  });

const jsonLeaf = fc.oneof(
  { weight: 3, arbitrary: operator },
  { weight: 1, arbitrary: format.map((one) => ({ text: one, changing: false })) },
);

/** Keys in no order, and one that says where the value changes. */
function withKeys(values: readonly { text: string; changing: boolean }[]): object {
  const names = ["b", "a", "Z", "é", "c.d", "b_", "10", "9", 'q"q', "a b"];
  return Object.fromEntries(
    values.map(({ text: value, changing }, i) => [
      changing ? `${changingKey}${i}` : (names[i % names.length] ?? ""),
      value,
    ]),
  );
}

const jsonFormat: fc.Arbitrary<object> = fc
  .record({
    top: fc.array(jsonLeaf, { maxLength: 7 }),
    inner: fc.option(fc.array(jsonLeaf, { maxLength: 3 }), { nil: undefined }),
    list: fc.option(
      fc.array(
        fc.oneof(
          operator.map(({ text: one, changing }) => (changing ? markChanging(one) : one)),
          fc.constantFrom<unknown>(
            1,
            2.5,
            true,
            -3,
            1e21,
            0.1,
            123456789012,
            "",
            { k: "%REQ(x-none)%" },
            ["%REQ(x-none)%"],
            [],
            {},
          ),
        ),
        { maxLength: 4 },
      ),
      { nil: undefined },
    ),
    number: fc.option(fc.constantFrom<unknown>(7, 1.25, 1e6, true, false), { nil: undefined }),
  })
  .map(({ top, inner, list, number }) => ({
    ...withKeys(top),
    ...present({ inner: inner && { ...withKeys(inner), deeper: withKeys(inner) }, list, number }),
  }));

const json: fc.Arbitrary<At<object>> = fc
  .tuple(
    jsonFormat,
    omitEmpty,
    fc.constantFrom(undefined, { sort_properties: true }, { sort_properties: false }),
  )
  .map(
    ([fields, omit_empty_values, json_format_options]) =>
      (at: number) =>
        present({
          json_format: { label: label(at), ...fields },
          omit_empty_values,
          json_format_options,
        }),
  );

const comparison = fc.record({
  op: fc.constantFrom("EQ", "GE", "LE", "NE"),
  value: fc.record({
    default_value: fc.constantFrom(0, 200, 404, 500, 1_000_000),
    runtime_key: fc.constantFrom("fuzz.status", "fuzz.unset"),
  }),
});

const headerMatch = fc.oneof(
  fc.record({
    name: fc.constantFrom("x-a", "x-b", "cookie"),
    present_match: fc.boolean(),
    invert_match: fc.boolean(),
  }),
  fc.record({
    name: fc.constantFrom("x-a", ":path", ":method"),
    string_match: fc.constantFrom<object>(
      { exact: "one" },
      { prefix: "/r1" },
      { contains: "E" },
      { safe_regex: { regex: ".*o.*" } },
      { prefix: "g", ignore_case: true },
    ),
    treat_missing_header_as_empty: fc.boolean(),
  }),
);

const flags = fc.uniqueArray(
  fc.constantFrom("NR", "UF", "UH", "UR", "UC", "LR", "NC", "URX", "DC", "UPE", "DPE"),
  { maxLength: 3 },
);

const statuses = fc.uniqueArray(
  fc.constantFrom(
    "OK",
    "CANCELED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "UNAVAILABLE",
    "INTERNAL",
    "UNIMPLEMENTED",
  ),
  { maxLength: 3 },
);

const leafFilter: fc.Arbitrary<object> = fc.oneof(
  { weight: 3, arbitrary: comparison.map((one) => ({ status_code_filter: { comparison: one } })) },
  fc.constantFrom(
    {
      duration_filter: {
        comparison: { op: "GE", value: { default_value: 0, runtime_key: "fuzz.unset" } },
      },
    },
    {
      duration_filter: {
        comparison: { op: "GE", value: { default_value: 100_000, runtime_key: "fuzz.unset" } },
      },
    },
    { not_health_check_filter: {} },
    { traceable_filter: {} },
    { runtime_filter: { runtime_key: "fuzz.all" } },
    { runtime_filter: { runtime_key: "fuzz.none", percent_sampled: { numerator: 100 } } },
    {
      runtime_filter: {
        runtime_key: "fuzz.unset",
        percent_sampled: { numerator: 100 },
        use_independent_randomness: true,
      },
    },
    { runtime_filter: { runtime_key: "fuzz.unset", percent_sampled: { numerator: 0 } } },
    { runtime_filter: { runtime_key: "fuzz.unset" } },
  ),
  headerMatch.map((header) => ({ header_filter: { header } })),
  flags.map((one) => ({ response_flag_filter: { flags: one } })),
  fc.record({ statuses, exclude: fc.boolean() }).map((one) => ({ grpc_status_filter: one })),
  fc
    .record({
      types: fc.uniqueArray(
        fc.constantFrom(
          "NotSet",
          "DownstreamEnd",
          "DownstreamStart",
          "UpstreamPoolReady",
          "TcpConnectionEnd",
        ),
        { maxLength: 2 },
      ),
      exclude: fc.boolean(),
    })
    .map((one) => ({ log_type_filter: one })),
  fc
    .record({
      matcher: fc.record({
        filter: fc.constantFrom("ns", "none"),
        path: fc.constant([{ key: "text" }]),
        value: fc.constantFrom({ string_match: { exact: "x" } }, { present_match: true }),
      }),
      match_if_key_not_found: fc.boolean(),
    })
    .map((one) => ({ metadata_filter: one })),
);

export const filter: fc.Arbitrary<object> = fc.oneof(
  { weight: 5, arbitrary: leafFilter },
  fc
    .array(leafFilter, { minLength: 2, maxLength: 3 })
    .map((filters) => ({ and_filter: { filters } })),
  fc
    .array(leafFilter, { minLength: 2, maxLength: 3 })
    .map((filters) => ({ or_filter: { filters } })),
);

const logFormat: fc.Arbitrary<At<object | undefined>> = fc.oneof(
  { weight: 5, arbitrary: text as fc.Arbitrary<At<object | undefined>> },
  { weight: 5, arbitrary: json },
);

export const accessLog: fc.Arbitrary<At<object>> = fc
  .tuple(logFormat, fc.option(filter, { nil: undefined, freq: 2 }))
  .map(([formatOf, one]) => (at: number) => ({
    name: `log ${at}`,
    ...(one !== undefined && { filter: one }),
    typed_config: present({
      "@type": `${types}.extensions.access_loggers.stream.v3.StdoutAccessLog`,
      log_format: formatOf(at),
    }),
  }));
