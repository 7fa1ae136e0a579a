/** Random header rules, as the four levels that can have them take them. */
import fc from "fast-check";
import { format, requestNames, responseNames } from "./formats.ts";

const action = fc.constantFrom(
  undefined, "APPEND_IF_EXISTS_OR_ADD", "ADD_IF_ABSENT", "OVERWRITE_IF_EXISTS_OR_ADD", "OVERWRITE_IF_EXISTS",
); // biome-ignore format: a list

function addition(names: readonly string[]): fc.Arbitrary<object> {
  return fc
    .record({
      key: fc.constantFrom(...names, ...names.map((name) => name.toUpperCase())),
      value: format,
      action,
      keep: fc.constantFrom(undefined, true, false),
      append: fc.constantFrom(undefined, undefined, undefined, true, false),
    })
    .map(({ key, value, action: appendAction, keep, append }) => ({
      header: { key, value },
      ...(append !== undefined && appendAction === undefined && { append }),
      ...(appendAction !== undefined && { append_action: appendAction }),
      ...(keep !== undefined && { keep_empty_value: keep }),
    }));
}

const additions = (names: readonly string[]) =>
  fc.option(fc.array(addition(names), { maxLength: 4 }), { nil: undefined });
const removals = (names: readonly string[]) =>
  fc.option(fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 2 }), {
    nil: undefined,
    freq: 2,
  });

const added = [...requestNames, "x-new", "x-forwarded-for"];
const addedToResponse = [
  ...responseNames,
  "x-new",
  "date",
  "x-envoy-upstream-service-time",
  "x-request-id",
];

/** Absent fields are left out. */
export const rules: fc.Arbitrary<object> = fc
  .record({
    request_headers_to_add: additions(added),
    request_headers_to_remove: removals([...requestNames, "X-New"]),
    response_headers_to_add: additions(addedToResponse),
    response_headers_to_remove: removals([...responseNames, "date", "X-New"]),
  })
  .map(present);

export const responseAdditions: fc.Arbitrary<object[]> = fc.array(addition(addedToResponse), {
  maxLength: 3,
});

export function present(record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
