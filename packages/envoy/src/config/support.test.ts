import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bootstrap } from "./bootstrap.ts";
import { knownFields } from "./decode/known-types.ts";
import { collect, refusedFields, supportPage } from "./support.ts";

const page = new URL("../../../../docs/envoy-support.md", import.meta.url);

test("docs/envoy-support.md is what the decoders say (npm run docs)", () => {
  expect(readFileSync(page, "utf8")).toBe(supportPage());
});

describe.each(collect(bootstrap.shape).map((message) => ({ message, name: message.name })))(
  "$name",
  ({ message }) => {
    const known = Object.keys(knownFields(message.name) ?? {});

    test("is a message of Envoy 1.40", () => {
      expect(knownFields(message.name)).toBeDefined();
    });

    test("has decoders and notes for fields that Envoy 1.40 has, spelled as there", () => {
      const ours = [
        ...message.fields().map(({ name }) => name),
        ...Object.keys(message.accepted),
        ...Object.keys(message.unsupported),
      ];
      expect(ours.filter((name) => !known.includes(name))).toEqual([]);
      expect(new Set(ours).size).toBe(ours.length);
    });

    test("leaves no field of Envoy's without a verdict", () => {
      const verdicts = [
        ...message.fields().map(({ name }) => name),
        ...Object.keys(message.accepted),
        ...refusedFields(message).map(([name]) => name),
      ];
      expect(verdicts.toSorted()).toEqual(known.toSorted());
    });
  },
);
