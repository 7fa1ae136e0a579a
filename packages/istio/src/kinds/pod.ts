import { type Decoder, list, optional, record, required, string, text } from "../decode/decoder.ts";
import { object } from "../decode/object.ts";
import { port } from "../decode/scalars.ts";
import { type Metadata, metadata } from "./resource.ts";

export interface ContainerPort {
  readonly name?: string;
  readonly containerPort: number;
  readonly protocol?: string;
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
}

export interface Container {
  readonly name?: string;
  readonly image?: string;
  readonly ports?: readonly ContainerPort[];
  readonly env?: readonly EnvVar[];
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly serviceAccountName?: string;
}

const container = object<Container>(
  {
    name: optional(string),
    image: optional(string),
    ports: optional(
      list(
        object<ContainerPort>(
          { name: optional(string), containerPort: required(port), protocol: optional(string) },
          { unknown: "ignore" },
        ),
      ),
    ),
    env: optional(
      list(
        object<EnvVar>({ name: required(string), value: optional(text) }, { unknown: "ignore" }),
      ),
    ),
  },
  { unknown: "ignore" },
);

export const podSpec: Decoder<PodSpec> = object<PodSpec>(
  { containers: required(list(container)), serviceAccountName: optional(string) },
  { unknown: "ignore" },
);

export interface Pod {
  readonly kind: "Pod";
  readonly apiVersion: string;
  readonly metadata: Metadata;
  readonly spec: PodSpec;
  readonly status?: { readonly podIP?: string };
}

interface PodDocument {
  readonly apiVersion: string;
  readonly metadata: Metadata;
  readonly spec: PodSpec;
  readonly status?: { readonly podIP?: string };
}

const podDocument = object<PodDocument>(
  {
    apiVersion: required(string),
    metadata: required(metadata),
    spec: required(podSpec),
    status: optional(
      object<{ podIP?: string }>({ podIP: optional(string) }, { unknown: "ignore" }),
    ),
  },
  { unknown: "ignore" },
);

export const pod: Decoder<Pod> = (cursor) => {
  const decoded = podDocument(cursor);
  return decoded === undefined ? undefined : Object.assign(decoded, { kind: "Pod" as const });
};

/** `metadata` and `spec` of the pods a Deployment makes; the name comes from the Deployment. */
export interface PodTemplate {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: PodSpec;
}

export const podTemplate: Decoder<PodTemplate> = object<PodTemplate>(
  {
    metadata: optional(
      object<NonNullable<PodTemplate["metadata"]>>(
        { labels: optional(record(text)), annotations: optional(record(text)) },
        { unknown: "ignore" },
      ),
    ),
    spec: required(podSpec),
  },
  { unknown: "ignore" },
);
