import { type Decoder, optional, record, required, string, text } from "../decode/decoder.ts";
import { object } from "../decode/object.ts";
import { type Metadata, metadata } from "./resource.ts";

/** Kinds that only say that something exists, or hold strings. */
interface PlainDocument {
  readonly apiVersion: string;
  readonly metadata: Metadata;
  readonly data?: Readonly<Record<string, string>>;
}

const plainDocument = object<PlainDocument>(
  { apiVersion: required(string), metadata: required(metadata), data: optional(record(text)) },
  { unknown: "ignore" },
);

export interface Namespace extends PlainDocument {
  readonly kind: "Namespace";
}

export interface ServiceAccount extends PlainDocument {
  readonly kind: "ServiceAccount";
}

export interface ConfigMap extends PlainDocument {
  readonly kind: "ConfigMap";
}

function plain<const Kind extends string>(kind: Kind): Decoder<PlainDocument & { kind: Kind }> {
  return (cursor) => {
    const decoded = plainDocument(cursor);
    return decoded === undefined ? undefined : Object.assign(decoded, { kind });
  };
}

export const namespace: Decoder<Namespace> = plain("Namespace");
export const serviceAccount: Decoder<ServiceAccount> = plain("ServiceAccount");
export const configMap: Decoder<ConfigMap> = plain("ConfigMap");
