import { expect, test } from "vitest";
import { HeaderMap } from "../http/header-map.ts";
import { Runtime } from "../runtime/runtime.ts";
import { compileMirrorPolicy } from "./mirror-policy.ts";

const runtime = new Runtime(undefined);
const noFormats = () => () => undefined;
const headers = new HeaderMap(["x-mirror-cluster", "other", "x-empty", ""]);

test("a cluster by its name goes before one named by a header", () => {
  const policy = compileMirrorPolicy(
    { cluster: "shadow", disableShadowHostSuffixAppend: false, requestHeadersMutations: [] },
    runtime,
    noFormats,
  );
  expect(policy.clusterOf(headers)).toBe("shadow");
  expect(policy.marksHost).toBe(true);
});

test.each([
  ["X-Mirror-Cluster", "other"],
  ["x-empty", undefined],
  ["x-missing", undefined],
])("the header %s names the cluster %s", (clusterHeader, expected) => {
  const policy = compileMirrorPolicy(
    { clusterHeader, disableShadowHostSuffixAppend: true, requestHeadersMutations: [] },
    runtime,
    noFormats,
  );
  expect(policy.clusterOf(headers)).toBe(expected);
  expect(policy.marksHost).toBe(false);
});

test("a fraction of the requests", () => {
  const policy = compileMirrorPolicy(
    {
      cluster: "shadow",
      disableShadowHostSuffixAppend: false,
      requestHeadersMutations: [],
      runtimeFraction: { defaultValue: { numerator: 25, denominator: "HUNDRED" } },
    },
    runtime,
    noFormats,
  );
  expect([0, 24, 25, 99, 124, 125].map((random) => policy.applies(random))).toEqual([
    true,
    true,
    false,
    false,
    true,
    false,
  ]);
});
