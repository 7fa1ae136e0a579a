import { describe, expect, test } from "vitest";
import { parseSw8, writeSw8 } from "./sw8.ts";

const context = {
  traceId: "trace-1",
  segmentId: "segment-1",
  spanId: 3,
  service: "shop",
  instance: "shop-1",
  endpoint: "/a?b=c",
  target: "10.0.0.1:80",
};

describe("sw8", () => {
  test("comes back as it was written", () => {
    expect(parseSw8(writeSw8(context))).toEqual(context);
  });

  test("is eight fields, base64 but for the flag and the span", () => {
    expect(writeSw8(context)).toBe(
      "1-dHJhY2UtMQ==-c2VnbWVudC0x-3-c2hvcA==-c2hvcC0x-L2E/Yj1j-MTAuMC4wLjE6ODA=",
    );
  });

  test("that does not sample is a context all the same", () => {
    expect(parseSw8(writeSw8(context).replace(/^1/, "0"))).toEqual(context);
  });

  test.each([
    ["nothing", ""],
    ["too few fields", "1-YQ==-YQ==-1-YQ==-YQ==-YQ=="],
    ["too many fields", "1-YQ==-YQ==-1-YQ==-YQ==-YQ==-YQ==-YQ=="],
    ["another flag", "2-YQ==-YQ==-1-YQ==-YQ==-YQ==-YQ=="],
    ["a span that is no number", "1-YQ==-YQ==-x-YQ==-YQ==-YQ==-YQ=="],
    ["no trace", "1--YQ==-1-YQ==-YQ==-YQ==-YQ=="],
    ["no segment", "1-YQ==--1-YQ==-YQ==-YQ==-YQ=="],
    ["a trace that is not base64", "1-!!-YQ==-1-YQ==-YQ==-YQ==-YQ=="],
  ])("with %s is none", (_what, value) => {
    expect(parseSw8(value)).toBeUndefined();
  });
});
