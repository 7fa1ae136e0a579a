import {
  type Decoder,
  integer,
  list,
  oneOf,
  optional,
  record,
  required,
  string,
  text,
} from "../decode/decoder.ts";
import { object } from "../decode/object.ts";
import { host, port } from "../decode/scalars.ts";
import { type Resource, resource } from "./resource.ts";

export interface WorkloadEntrySpec {
  readonly address?: string;
  readonly ports?: Readonly<Record<string, number>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly weight?: number;
  readonly serviceAccount?: string;
}

/** A machine or process outside Kubernetes that takes part in a service. */
export type WorkloadEntry = Resource<"WorkloadEntry", WorkloadEntrySpec>;

export interface EntryPort {
  readonly number: number;
  readonly name: string;
  readonly protocol?: string;
  readonly targetPort?: number;
}

export interface ServiceEntrySpec {
  readonly hosts?: readonly string[];
  readonly ports?: readonly EntryPort[];
  readonly location?: "MESH_EXTERNAL" | "MESH_INTERNAL";
  readonly resolution?: "NONE" | "STATIC" | "DNS";
  readonly addresses?: readonly string[];
  readonly endpoints?: readonly WorkloadEntrySpec[];
  readonly workloadSelector?: { readonly labels: Readonly<Record<string, string>> };
  readonly exportTo?: readonly string[];
}

export type ServiceEntry = Resource<"ServiceEntry", ServiceEntrySpec>;

const refuse = { unknown: "refuse" } as const;

const workloadEntrySpec = object<WorkloadEntrySpec>(
  {
    address: optional(string),
    ports: optional(record(port)),
    labels: optional(record(text)),
    weight: optional(integer),
    serviceAccount: optional(string),
  },
  {
    ...refuse,
    unsupported: { network: "endpoints in other networks", locality: "localities of endpoints" },
  },
);

export const workloadEntry: Decoder<WorkloadEntry> = resource("WorkloadEntry", workloadEntrySpec);

const entryProtocols = [
  ...(["HTTP", "HTTP2", "HTTPS", "GRPC", "GRPC-WEB"] as const),
  ...(["TCP", "TLS", "MONGO", "MYSQL", "REDIS"] as const),
];

export const serviceEntry: Decoder<ServiceEntry> = resource(
  "ServiceEntry",
  object<ServiceEntrySpec>(
    {
      hosts: optional(list(host({ star: false }))),
      ports: optional(
        list(
          object<EntryPort>(
            {
              number: required(port),
              name: required(string),
              protocol: optional(oneOf(...entryProtocols)),
              targetPort: optional(port),
            },
            refuse,
          ),
        ),
      ),
      location: optional(oneOf("MESH_EXTERNAL", "MESH_INTERNAL")),
      resolution: optional(oneOf("NONE", "STATIC", "DNS")),
      addresses: optional(list(string)),
      endpoints: optional(list(workloadEntrySpec)),
      workloadSelector: optional(
        object<{ labels: Readonly<Record<string, string>> }>(
          { labels: required(record(text)) },
          refuse,
        ),
      ),
      exportTo: optional(list(string)),
    },
    { ...refuse, unsupported: { subjectAltNames: "checking certificates (subjectAltNames)" } },
  ),
);
