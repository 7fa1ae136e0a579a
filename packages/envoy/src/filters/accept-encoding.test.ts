import { expect, test } from "vitest";
import { chooseEncoding } from "./accept-encoding.ts";

/** The first eleven as recorded from Envoy 1.40. */
test.each([
  [undefined, "no_accept_header"],
  ["gzip", "header_compressor_used"],
  ["br", "header_not_valid"],
  ["*", "header_wildcard"],
  ["gzip;q=0", "header_not_valid"],
  ["gzip;q=0.5, identity;q=1", "header_identity"],
  ["*;q=0", "header_not_valid"],
  ["identity", "header_identity"],
  ["br, gzip", "header_compressor_used"],
  ["GZIP", "header_not_valid"],
  ["x-gzip", "header_not_valid"],
  ["gzip;q=x", "header_not_valid"],
  ["gzip;q=0.5, identity;q=0.1", "header_compressor_used"],
  ["gzip;q=0, *", "header_not_valid"],
  ["", "header_not_valid"],
])("%s", (header, choice) => {
  expect(chooseEncoding(header, "gzip")).toBe(choice);
});

test("with nothing on offer only identity is left", () => {
  expect(chooseEncoding("gzip", undefined)).toBe("header_not_valid");
  expect(chooseEncoding("*", undefined)).toBe("header_not_valid");
  expect(chooseEncoding("gzip, identity;q=0.1", undefined)).toBe("header_identity");
});
