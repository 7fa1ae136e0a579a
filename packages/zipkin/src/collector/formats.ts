import { decodeJsonV2 } from "../codec/json-v2.ts";
import { DecodeError } from "../model/decode-error.ts";
import type { Decoder } from "./collector.ts";

/** One of the formats a path and content type stand for. */
export interface Format {
  readonly name: "JSON_V2" | "PROTO3" | "JSON_V1" | "THRIFT";
  readonly decode: Decoder;
}

/** Zipkin has no 415: an unlisted type is read as JSON. */
export function formatOf(path: string, contentType: string): Format {
  return jsonV2;
}

const jsonV2: Format = { name: "JSON_V2", decode: decodeJsonV2 };

/** Looks at the bytes before anything is decoded: a mistaken format is the usual mistake. */
export function checkFormat(format: Format, body: Buffer): void {
  if (!beginsAs(format, body)) throw new DecodeError(`Expected a ${format.name} encoded list\n`);
  if (format.name === "JSON_V2" && body.includes('yAnnotations"')) {
    throw new DecodeError("Expected a JSON_V2 encoded list, but received: JSON_V1\n");
  }
}

function beginsAs(format: Format, body: Buffer): boolean {
  return body[0] === 0x5b;
}
