import { decodeJsonV1 } from "../codec/json-v1.ts";
import { readJsonV2 } from "../codec/json-v2-scanner.ts";
import { readProto3 } from "../codec/proto3-scanner.ts";
import { readThriftV1 } from "../codec/thrift-v1-scanner.ts";
import { DecodeError } from "../model/decode-error.ts";
import { encodeSpans } from "../model/encoded-spans.ts";
import type { Decoder } from "./collector.ts";

/** One of the formats a path and content type stand for. */
export interface Format {
  readonly name: "JSON_V2" | "PROTO3" | "JSON_V1" | "THRIFT";
  readonly decode: Decoder;
  /** Texts that give the other JSON model away, and that model's name. */
  readonly foreign?: { readonly texts: readonly string[]; readonly name: string };
}

const jsonV2: Format = {
  name: "JSON_V2",
  decode: readJsonV2,
  foreign: { texts: ['yAnnotations"'], name: "JSON_V1" },
};
const jsonV1: Format = {
  name: "JSON_V1",
  decode: (body) => encodeSpans(decodeJsonV1(body)),
  foreign: { texts: ['Endpoint"', '"tags"'], name: "JSON_V2" },
};
const proto3: Format = { name: "PROTO3", decode: readProto3 };
const thriftV1: Format = { name: "THRIFT", decode: readThriftV1 };

/** Zipkin has no 415: an unlisted type is read as JSON. */
export function formatOf(path: string, contentType: string): Format {
  const type = (contentType.split(";")[0] ?? "").trim().toLowerCase();
  if (path.startsWith("/api/v1")) return type === "application/x-thrift" ? thriftV1 : jsonV1;
  return type === "application/x-protobuf" ? proto3 : jsonV2;
}

/** Looks at the bytes before anything is decoded: a mistaken format is the usual mistake. */
export function checkFormat(format: Format, body: Buffer): void {
  if (!beginsLikeList(body)) throw new DecodeError(`Expected a ${format.name} encoded list\n`);
  const { foreign } = format;
  if (foreign?.texts.some((text) => body.includes(text))) {
    throw new DecodeError(
      `Expected a ${format.name} encoded list, but received: ${foreign.name}\n`,
    );
  }
}

/** JSON's bracket, a thrift list of structures (or of what claims to be strings), a protobuf field 1. */
function beginsLikeList(body: Buffer): boolean {
  const first = body[0];
  return first === 0x5b || first === 12 || first === 11 || (first === 10 && body[1] !== 0);
}
