import { constants } from "node:http2";
import { expect, test } from "vitest";
import { codeOfReason, detailsOfCode, reasonOfCode } from "./reset-reasons.ts";

// As in Envoy 1.40.0: test/conformance/envoy/http2.
test.each([
  [constants.NGHTTP2_NO_ERROR, "remote reset", "http2.remote_reset"],
  [constants.NGHTTP2_PROTOCOL_ERROR, "protocol error", "http2.remote_reset"],
  [constants.NGHTTP2_REFUSED_STREAM, "remote refused stream reset", "http2.remote_refuse"],
  [constants.NGHTTP2_CANCEL, "remote reset", "http2.remote_reset"],
  [constants.NGHTTP2_CONNECT_ERROR, "remote error with CONNECT request", "http2.remote_reset"],
])("RST_STREAM %i of the peer means: %s", (code, reason, details) => {
  expect(reasonOfCode(code)).toBe(reason);
  expect(detailsOfCode(code)).toBe(details);
});

test("what is given up here is no fault of the peer's", () => {
  expect(codeOfReason("local reset")).toBe(constants.NGHTTP2_INTERNAL_ERROR);
  expect(codeOfReason("protocol error")).toBe(constants.NGHTTP2_PROTOCOL_ERROR);
  expect(codeOfReason("remote refused stream reset")).toBe(constants.NGHTTP2_REFUSED_STREAM);
});
