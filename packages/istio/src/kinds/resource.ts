import {
  type Decoder,
  ignored,
  optional,
  record,
  required,
  string,
  text,
} from "../decode/decoder.ts";
import { object } from "../decode/object.ts";

/** The part of Kubernetes' metadata that decides something here; the rest is tolerated. */
export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** RFC 3339; older resources win when two VirtualServices meet. */
  readonly creationTimestamp?: string;
}

export const metadata: Decoder<Metadata> = object<Metadata>(
  {
    name: required(string),
    namespace: optional(string),
    labels: optional(record(text)),
    annotations: optional(record(text)),
    creationTimestamp: optional(text),
  },
  { unknown: "ignore" },
);

/** What every resource has. */
export interface Resource<Kind extends string, Spec> {
  readonly kind: Kind;
  readonly apiVersion: string;
  readonly metadata: Metadata;
  readonly spec: Spec;
}

interface Envelope<Spec> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly spec: Spec;
  readonly status?: true;
}

/** A resource whose settings stand under `spec`; `status` is what a cluster adds to exported manifests. */
export function resource<const Kind extends string, Spec>(
  kind: Kind,
  spec: Decoder<Spec>,
): Decoder<Resource<Kind, Spec>> {
  const envelope = object<Envelope<Spec>>(
    {
      apiVersion: required(string),
      kind: required(string),
      metadata: required(metadata),
      // The cast drops `undefined` from a type parameter, which the mapped type cannot do by itself.
      spec: required(spec) as never,
      status: optional(ignored),
    },
    { unknown: "refuse" },
  );
  return (cursor) => {
    const decoded = envelope(cursor);
    return decoded === undefined ? undefined : Object.assign(decoded, { kind });
  };
}

export function namespaceOf(value: { readonly metadata: Metadata }): string {
  return value.metadata.namespace ?? "default";
}

/** `default/reviews`, as messages name a resource. */
export function qualifiedName(value: { readonly metadata: Metadata }): string {
  return `${namespaceOf(value)}/${value.metadata.name}`;
}
