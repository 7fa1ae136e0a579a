import { boolean, type Decoder, list, optional, required, string } from "../decode/decoder.ts";
import { object } from "../decode/object.ts";
import { port } from "../decode/scalars.ts";
import { type Metadata, metadata } from "./resource.ts";

export interface SliceEndpoint {
  readonly addresses: readonly string[];
  readonly conditions?: { readonly ready?: boolean };
  readonly targetRef?: { readonly kind?: string; readonly name?: string };
}

export interface SlicePort {
  readonly name?: string;
  readonly port?: number;
}

/** The addresses behind a Service, as a cluster writes them (`discovery.k8s.io/v1`). */
export interface EndpointSlice {
  readonly kind: "EndpointSlice";
  readonly apiVersion: string;
  readonly metadata: Metadata;
  readonly endpoints: readonly SliceEndpoint[];
  readonly ports: readonly SlicePort[];
}

const sliceEndpoint = object<SliceEndpoint>(
  {
    addresses: required(list(string)),
    conditions: optional(
      object<{ ready?: boolean }>({ ready: optional(boolean) }, { unknown: "ignore" }),
    ),
    targetRef: optional(
      object<{ kind?: string; name?: string }>(
        { kind: optional(string), name: optional(string) },
        { unknown: "ignore" },
      ),
    ),
  },
  { unknown: "ignore" },
);

interface SliceDocument {
  readonly apiVersion: string;
  readonly metadata: Metadata;
  readonly endpoints?: readonly SliceEndpoint[];
  readonly ports?: readonly SlicePort[];
}

const sliceDocument = object<SliceDocument>(
  {
    apiVersion: required(string),
    metadata: required(metadata),
    endpoints: optional(list(sliceEndpoint)),
    ports: optional(
      list(
        object<SlicePort>({ name: optional(string), port: optional(port) }, { unknown: "ignore" }),
      ),
    ),
  },
  { unknown: "ignore" },
);

export const endpointSlice: Decoder<EndpointSlice> = (cursor) => {
  const decoded = sliceDocument(cursor);
  if (decoded === undefined) return undefined;
  const { endpoints = [], ports = [] } = decoded;
  return Object.assign(decoded, { kind: "EndpointSlice" as const, endpoints, ports });
};

/** The Service a slice belongs to. */
export const serviceNameLabel = "kubernetes.io/service-name";
