import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ProtobufWriter } from "../../tracing/protobuf-writer.ts";
import { decodeCheckResponse } from "./check-response.ts";
import { readFields } from "./protobuf-fields.ts";

function response(write: (writer: ProtobufWriter) => void): Buffer {
  const writer = new ProtobufWriter();
  write(writer);
  return writer.take();
}

describe("a CheckResponse", () => {
  test("of nothing at all is a yes", () => {
    expect(decodeCheckResponse(Buffer.alloc(0))).toMatchObject({
      kind: "allowed",
      requestHeaders: [],
      metadata: {},
    });
  });

  test("with a status and nothing else is a no with 403", () => {
    const bytes = response((writer) => {
      const status = writer.begin(1);
      writer.uint(1, 7);
      writer.end(status);
    });
    expect(decodeCheckResponse(bytes)).toMatchObject({ kind: "denied", status: 403, headers: [] });
  });

  test("keeps metadata of every type", () => {
    const bytes = response((writer) => {
      const struct = writer.begin(4);
      const put = (key: string, write: () => void): void => {
        const entry = writer.begin(1);
        writer.string(1, key);
        const value = writer.begin(2);
        write();
        writer.end(value);
        writer.end(entry);
      };
      put("none", () => writer.uint(1, 0));
      put("text", () => writer.string(3, "ä"));
      put("flag", () => writer.uint(4, 1));
      put("list", () => {
        const list = writer.begin(6);
        const item = writer.begin(1);
        writer.string(3, "one");
        writer.end(item);
        writer.end(list);
      });
      writer.end(struct);
    });
    expect(decodeCheckResponse(bytes)).toMatchObject({
      metadata: { none: null, text: "ä", flag: true, list: ["one"] },
    });
  });

  test("that is cut off anywhere never throws", () => {
    const bytes = response((writer) => {
      const status = writer.begin(1);
      writer.uint(1, 7);
      writer.end(status);
      const denied = writer.begin(2);
      writer.string(3, "no");
      writer.end(denied);
    });
    const kinds = Array.from({ length: bytes.length }, (_, end) => {
      return decodeCheckResponse(bytes.subarray(0, end))?.kind;
    });
    // Whole fields make a message, anything else makes none.
    expect(kinds).toEqual(["allowed", undefined, undefined, undefined, "denied", ...Array(5)]);
  });
});

test("random bytes are fields or nothing, and what is read fits into what came", () => {
  for (let round = 0; round < 2000; round++) {
    const bytes = randomBytes(round % 40);
    const fields = readFields(bytes);
    let size = 0;
    for (const [, value] of fields ?? []) size += typeof value === "number" ? 2 : value.length + 2;
    expect(size).toBeLessThanOrEqual(bytes.length);
  }
});
