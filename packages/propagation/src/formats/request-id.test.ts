import { expect, test } from "vitest";
import { parseTraceReason } from "./request-id.ts";

// The nibble values are those that Envoy 1.40 writes.
test.each([
  ["42e29d57-3837-9e40-b9a6-4d11d6d652f3", "sampled"],
  ["42e29d57-3837-4e40-b9a6-4d11d6d652f3", "not-traced"],
  ["42e29d57-3837-ae40-b9a6-4d11d6d652f3", "service-forced"],
  ["42E29D57-3837-BE40-B9A6-4D11D6D652F3", "client-forced"],
  ["42e29d57-3837-1e40-b9a6-4d11d6d652f3", undefined],
  ["my-own-request-id", undefined],
  ["", undefined],
])("%s says %s", (id, reason) => {
  expect(parseTraceReason(id)).toBe(reason);
});
