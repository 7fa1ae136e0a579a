import { gzipSync } from "node:zlib";
import fc from "fast-check";
import {
  type ProtoSpan,
  protoSpans,
  type ThriftSpan,
  thriftSpans,
  writeProto,
  writeThrift,
} from "./binary-spans.ts";
import { batchesV1, batchesV2, type JsonBatch, writeBatch } from "./json-spans.ts";
import type { Request } from "./servers.ts";
import { resolve, type World } from "./world.ts";

/** What is posted: spans in one of the four formats, and what may happen to them on their way. */
export interface Post {
  readonly content: Content;
  readonly path: string;
  readonly contentType: string | undefined;
  readonly wrapping: Wrapping;
}

export type Content =
  | { readonly kind: "json-v2"; readonly batch: JsonBatch }
  | { readonly kind: "json-v1"; readonly batch: JsonBatch }
  | { readonly kind: "proto3"; readonly spans: readonly ProtoSpan[] }
  | { readonly kind: "thrift"; readonly spans: readonly ThriftSpan[] }
  | { readonly kind: "text"; readonly text: string };

interface Wrapping {
  readonly gzip: "no" | "yes" | "claimed" | "forgotten";
  readonly before: string;
  readonly after: string;
  /** What share of the body is sent; 1 for all of it. */
  readonly share: number;
}

const wrappings: fc.Arbitrary<Wrapping> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ gzip: "no", before: "", after: "", share: 1 } as const) },
  {
    weight: 1,
    arbitrary: fc.record({
      gzip: fc.constantFrom("yes", "yes", "yes", "claimed", "forgotten"),
      before: fc.constant(""),
      after: fc.constant(""),
      share: fc.constant(1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      gzip: fc.constantFrom("no", "yes"),
      before: fc.constantFrom("", "", "\ufeff", " ", "\n", "[", "{", "x"),
      after: fc.constantFrom("", "", " ", "\n", "]", ",", "x", "[]", "\u0000"),
      share: fc.constantFrom(1, 1, 0.99, 0.5, 0.1, 0),
    }),
  },
);

const bodies: fc.Arbitrary<Omit<Post, "wrapping">> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      content: fc.record({ kind: fc.constant("json-v2" as const), batch: batchesV2 }),
      path: fc.constant("/api/v2/spans"),
      contentType: fc.oneof(
        { weight: 6, arbitrary: fc.constant("application/json") },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            undefined,
            "application/json; charset=utf-8",
            "text/plain",
            "APPLICATION/JSON",
            "application/x-thrift",
            "application/x-protobuf",
            "application/x-www-form-urlencoded",
            "application/json, text/plain",
            "nonsense",
            "",
          ),
        },
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      content: fc.record({ kind: fc.constant("json-v1" as const), batch: batchesV1 }),
      path: fc.oneof(
        { weight: 12, arbitrary: fc.constant("/api/v1/spans") },
        { weight: 1, arbitrary: fc.constant("/api/v2/spans") },
      ),
      contentType: fc.oneof(
        { weight: 6, arbitrary: fc.constant("application/json") },
        { weight: 1, arbitrary: fc.constantFrom(undefined, "text/plain", "application/x-thrift") },
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      content: fc.record({ kind: fc.constant("proto3" as const), spans: protoSpans }),
      path: fc.constant("/api/v2/spans"),
      contentType: fc.oneof(
        { weight: 8, arbitrary: fc.constant("application/x-protobuf") },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            "application/x-protobuf; proto=x",
            "Application/X-Protobuf",
            "application/protobuf",
            "application/json",
          ),
        },
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      content: fc.record({ kind: fc.constant("thrift" as const), spans: thriftSpans }),
      path: fc.constant("/api/v1/spans"),
      contentType: fc.oneof(
        { weight: 8, arbitrary: fc.constant("application/x-thrift") },
        {
          weight: 1,
          arbitrary: fc.constantFrom("application/x-thrift; a=b", "application/json", undefined),
        },
      ),
    }),
  },
);

/**
 * No list of spans, or hardly one; each of its formats may be claimed of it. Protobuf only of what begins
 * with its field 1: the real server takes any other for that, too.
 */
const texts: fc.Arbitrary<Omit<Post, "wrapping">> = fc
  .record({
    content: fc.record({
      kind: fc.constant("text" as const),
      text: fc.oneof(
        fc.constantFrom(
          "",
          "[]",
          " []",
          "[ ]",
          "[][]",
          "[]x",
          "{}",
          "null",
          "[null]",
          "[[]]",
          "[1]",
          '[""]',
          "[{}]",
          '{"traceId":"~w00000001","id":"1"}',
          '[{"traceId":"~w00000001","id":"1"}]',
          '[{"traceId":"~w00000001","id":"1"},{"id":"1"}]',
          "\n",
          "\n\u0000",
          "\n\u0002\n\u0000",
          "\f\u0000\u0000\u0000\u0000",
          "\v\u0000\u0000\u0000\u0000",
          "\f\u0000\u0000\u0000\u0001\u0000",
          "\f\u007f\u0000\u0000\u0000",
          "\f\u0000",
          "\u0000",
          "x",
        ),
        fc.string({ unit: "binary-ascii", maxLength: 12 }),
        fc.json({ maxDepth: 3 }),
      ),
    }),
    path: fc.constantFrom("/api/v2/spans", "/api/v1/spans"),
    contentType: fc.constantFrom(
      "application/json",
      "application/x-protobuf",
      "application/x-thrift",
      undefined,
    ),
  })
  .filter(
    ({ content, contentType }) =>
      contentType !== "application/x-protobuf" || content.text.startsWith("\n"),
  );

export const posts: fc.Arbitrary<Post> = fc
  .tuple(fc.oneof({ weight: 12, arbitrary: bodies }, { weight: 1, arbitrary: texts }), wrappings)
  .map(([body, wrapping]) => ({ ...body, wrapping }));

/** The sentinel, 16 hex digits, is the id of a trace that is there once the batch is stored. */
export function writePost(post: Post, sentinel: string, world: World): Request {
  const { gzip, before, after, share } = post.wrapping;
  const inner = writeContent(post.content, sentinel, world);
  let body = Buffer.concat([Buffer.from(before), inner, Buffer.from(after)]);
  body = body.subarray(0, Math.floor(body.length * share));
  if (gzip === "yes" || gzip === "forgotten") body = gzipSync(body);
  const headers: Record<string, string> = {};
  if (post.contentType !== undefined) headers["content-type"] = post.contentType;
  if (gzip === "yes" || gzip === "claimed") headers["content-encoding"] = "gzip";
  return { method: "POST", path: post.path, headers, body };
}

function writeContent(content: Content, sentinel: string, world: World): Buffer {
  switch (content.kind) {
    case "json-v2":
    case "json-v1":
      return Buffer.from(resolve(writeBatch(content.batch, sentinel), world));
    case "proto3":
      return writeProto(content.spans, sentinel, world);
    case "thrift":
      return writeThrift(content.spans, sentinel, world);
    case "text":
      return Buffer.from(resolve(content.text, world));
  }
}
