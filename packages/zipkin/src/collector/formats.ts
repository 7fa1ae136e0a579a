import { decodeJsonV1 } from "../codec/json-v1.ts";
import { readJsonV2 } from "../codec/json-v2-scanner.ts";
import { readProto3 } from "../codec/proto3-scanner.ts";
import { readThriftV1 } from "../codec/thrift-v1-scanner.ts";
import { DecodeError } from "../model/decode-error.ts";
import { encodeSpans } from "../model/encoded-spans.ts";
import type { Decoder } from "./collector.ts";

/** Texts that give the other JSON model away, and that model's name. */
interface Foreign {
  readonly name: string;
  readonly texts: readonly string[];
}

const jsonV2 = checked("JSON_V2", readJsonV2, { name: "JSON_V1", texts: ['yAnnotations"'] });
const jsonV1 = checked("JSON_V1", (body) => encodeSpans(decodeJsonV1(body)), {
  name: "JSON_V2",
  texts: ['Endpoint"', '"tags"'],
});
const proto3 = checked("PROTO3", readProto3);
const thriftV1 = checked("THRIFT", readThriftV1);

/** What a path and content type stand for. Zipkin has no 415: an unlisted type is read as JSON. */
export function decoderOf(path: string, contentType: string): Decoder {
  const type = (contentType.split(";")[0] ?? "").trim().toLowerCase();
  if (path.startsWith("/api/v1")) return type === "application/x-thrift" ? thriftV1 : jsonV1;
  return type === "application/x-protobuf" ? proto3 : jsonV2;
}

/** Looks at the bytes before anything is decoded: a mistaken format is the usual mistake. */
function checked(name: string, decode: Decoder, foreign?: Foreign): Decoder {
  const texts = foreign?.texts.map((text) => Buffer.from(text)) ?? [];
  return (body) => {
    if (!beginsLikeList(body)) throw new DecodeError(`Expected a ${name} encoded list\n`);
    for (const text of texts) {
      if (!body.includes(text)) continue;
      const received = `but received: ${foreign?.name}`;
      throw new DecodeError(`Expected a ${name} encoded list, ${received}\n`);
    }
    return decode(body);
  };
}

/** JSON's bracket, a thrift list of structures (or of what claims to be strings), a protobuf field 1. */
function beginsLikeList(body: Buffer): boolean {
  const first = body[0];
  return first === 0x5b || first === 12 || first === 11 || (first === 10 && body[1] !== 0);
}
