import {
  type Decoder,
  decodeWith,
  list,
  optional,
  record,
  required,
  string,
  text,
} from "../decode/decoder.ts";
import { object } from "../decode/object.ts";
import { port } from "../decode/scalars.ts";
import { type Resource, resource } from "./resource.ts";

export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: string;
  readonly appProtocol?: string;
  /** A number, or the name of a container port. Default: `port`. */
  readonly targetPort?: string;
  readonly nodePort?: string;
}

export interface ServiceSpec {
  readonly ports?: readonly ServicePort[];
  readonly selector?: Readonly<Record<string, string>>;
  readonly clusterIP?: string;
  readonly type?: string;
  readonly externalName?: string;
}

export type Service = Resource<"Service", ServiceSpec>;

const targetPort: Decoder<string> = decodeWith(text, (value, cursor) =>
  !/^\d+$/.test(value) || port(cursor) !== undefined ? value : undefined,
);

const servicePort = object<ServicePort>(
  {
    name: optional(string),
    port: required(port),
    protocol: optional(string),
    appProtocol: optional(string),
    targetPort: optional(targetPort),
    nodePort: optional(text),
  },
  { unknown: "ignore" },
);

export const service: Decoder<Service> = resource(
  "Service",
  object<ServiceSpec>(
    {
      ports: optional(list(servicePort)),
      selector: optional(record(text)),
      clusterIP: optional(text),
      type: optional(string),
      externalName: optional(string),
    },
    { unknown: "ignore" },
  ),
);
