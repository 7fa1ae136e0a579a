import fc from "fast-check";
import {
  type JsonStyle,
  type JsonText,
  junk,
  list,
  type Member,
  object,
  raw,
  string,
  styles,
  writeJson,
} from "./json-text.ts";
import * as values from "./span-values.ts";
import { trees } from "./trees.ts";

/** Lists of spans as JSON text. */

function member(name: string, value: fc.Arbitrary<JsonText>): fc.Arbitrary<Member> {
  return value.map((item) => [name, item] as const);
}
const text = (name: string, value: fc.Arbitrary<string>) => member(name, value.map(string));
const number = (name: string, value: fc.Arbitrary<number>) =>
  member(name, value.map(String).map(raw));
const micros = (name: string) =>
  member(
    name,
    values.offsets.map((us) => raw(`~u${us}~`)),
  );
const flag = (name: string) =>
  member(name, fc.constantFrom(raw("true"), raw("false"), raw("true")));

/** Each part with its chance, in random order one time in four. */
function members(
  parts: readonly (readonly [chance: number, part: fc.Arbitrary<Member>])[],
): fc.Arbitrary<readonly Member[]> {
  return fc
    .tuple(
      ...parts.map(([chance, part]) =>
        chance >= 10
          ? part
          : fc.oneof(
              { weight: 10 - chance, arbitrary: fc.constant(undefined) },
              { weight: chance, arbitrary: part },
            ),
      ),
    )
    .map((found) => found.filter((one) => one !== undefined))
    .chain((present) =>
      fc.oneof(
        { weight: 3, arbitrary: fc.constant(present) },
        {
          weight: 1,
          arbitrary: fc.shuffledSubarray(present, {
            minLength: present.length,
            maxLength: present.length,
          }),
        },
      ),
    );
}

const endpoint: fc.Arbitrary<JsonText> = members([
  [8, text("serviceName", values.serviceNames)],
  [4, text("ipv4", values.ipTexts)],
  [2, text("ipv6", values.ipTexts)],
  [3, number("port", values.ports)],
]).map(object);

const annotation: fc.Arbitrary<JsonText> = members([
  [10, micros("timestamp")],
  [10, text("value", values.annotationTexts)],
]).map(object);

const tags: fc.Arbitrary<JsonText> = fc
  .array(fc.tuple(values.tagKeys, values.tagValues.map(string)), { maxLength: 4 })
  .map(object);

const spanV2 = members([
  [10, text("traceId", values.traceIds)],
  [6, text("parentId", values.parentIds)],
  [10, text("id", values.spanIds)],
  [7, text("kind", values.kinds)],
  [7, text("name", values.spanNames)],
  [9, micros("timestamp")],
  [7, number("duration", values.durations)],
  [8, member("localEndpoint", endpoint)],
  [6, member("remoteEndpoint", endpoint)],
  [3, member("annotations", fc.array(annotation, { maxLength: 3 }).map(list))],
  [4, member("tags", tags)],
  [1, flag("debug")],
  [3, flag("shared")],
]);

const v1Texts = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom("cs", "cr", "sr", "ss", "ms", "mr", "ws", "wr"),
  },
  { weight: 2, arbitrary: values.annotationTexts },
);
const annotationV1: fc.Arbitrary<JsonText> = members([
  [10, micros("timestamp")],
  [10, text("value", v1Texts)],
  [9, member("endpoint", endpoint)],
]).map(object);

const binaryAnnotation: fc.Arbitrary<JsonText> = members([
  [10, text("key", fc.oneof(fc.constantFrom("sa", "ca", "ma", "lc"), values.tagKeys))],
  [
    9,
    member(
      "value",
      fc.oneof(values.tagValues.map(string), fc.constantFrom(raw("true"), raw("false"), raw("1"))),
    ),
  ],
  [7, member("endpoint", endpoint)],
]).map(object);

const spanV1 = members([
  [10, text("traceId", values.traceIds)],
  [6, text("parentId", values.parentIds)],
  [
    10,
    text(
      "id",
      values.spanIds.map((id) => (/^0+$/.test(id) ? "7" : id)),
    ),
  ],
  [7, text("name", values.spanNames)],
  [5, micros("timestamp")],
  [5, number("duration", values.durations)],
  [8, member("annotations", fc.array(annotationV1, { maxLength: 5 }).map(list))],
  [6, member("binaryAnnotations", fc.array(binaryAnnotation, { maxLength: 4 }).map(list))],
  [1, flag("debug")],
]);

/** Puts junk in a random place: instead of a value, or beside it under the same or a new key. */
interface Damage {
  readonly place: number;
  readonly how: "replace" | "repeat" | "precede" | "unknown";
  readonly junk: JsonText;
}
const damages: fc.Arbitrary<Damage> = fc.record({
  place: fc.nat({ max: 60 }),
  how: fc.constantFrom("replace", "replace", "repeat", "precede", "unknown"),
  junk,
});

function damage(value: JsonText, { place, how, junk: wrong }: Damage): JsonText {
  const target = place % Math.max(1, countMembers(value));
  let at = 0;
  const visit = (item: JsonText): JsonText => {
    if (item.kind === "list") return list(item.items.map(visit));
    if (item.kind !== "object") return item;
    const found = item.members.flatMap(([key, inner]): Member[] => {
      if (at++ !== target) return [[key, visit(inner)]];
      if (how === "replace") return [[key, wrong]];
      if (how === "precede")
        return [
          [key, wrong],
          [key, inner],
        ];
      return [[key, inner], how === "repeat" ? [key, wrong] : ["unknown", wrong]];
    });
    return object(found);
  };
  return visit(value);
}

function countMembers(value: JsonText): number {
  if (value.kind === "list") return value.items.reduce((sum, item) => sum + countMembers(item), 0);
  if (value.kind !== "object") return 0;
  return value.members.reduce((sum, [, inner]) => sum + 1 + countMembers(inner), 0);
}

export interface JsonBatch {
  readonly spans: readonly JsonText[];
  readonly damages: readonly Damage[];
  readonly style: JsonStyle;
}

function batches(spans: fc.Arbitrary<readonly JsonText[]>): fc.Arbitrary<JsonBatch> {
  return fc.record({
    spans,
    damages: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(damages, { minLength: 1, maxLength: 2 }) },
    ),
    style: styles,
  });
}

const some = (span: fc.Arbitrary<readonly Member[]>) =>
  fc.array(span.map(object), { minLength: 1, maxLength: 8 });

export const batchesV2: fc.Arbitrary<JsonBatch> = batches(fc.oneof(some(spanV2), trees));
export const batchesV1: fc.Arbitrary<JsonBatch> = batches(some(spanV1));

/** The sentinel tells when the batch was stored; it is a span of a trace of its own. */
export function writeBatch({ spans, damages: wrongs, style }: JsonBatch, sentinel: string): string {
  let all = list(spans);
  for (const wrong of wrongs) all = damage(all, wrong);
  const withSentinel = list([
    ...(all.kind === "list" ? all.items : []),
    object([
      ["traceId", string(sentinel)],
      ["id", string("1")],
      ["timestamp", raw("~u59000000~")],
      ["debug", raw("true")], // never left out of a sample
    ]),
  ]);
  return writeJson(withSentinel, style);
}
