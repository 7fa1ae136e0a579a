import type { Decoder } from "../decode/decoder.ts";
import { type Deployment, deployment } from "./deployment.ts";
import { type DestinationRule, destinationRule } from "./destination-rule.ts";
import { type EndpointSlice, endpointSlice } from "./endpoint-slice.ts";
import { type Gateway, gateway } from "./gateway.ts";
import { type KnativeService, knativeService } from "./knative-service.ts";
import {
  type ConfigMap,
  configMap,
  type Namespace,
  namespace,
  type ServiceAccount,
  serviceAccount,
} from "./plain.ts";
import { type Pod, pod } from "./pod.ts";
import { type Service, service } from "./service.ts";
import {
  type ServiceEntry,
  serviceEntry,
  type WorkloadEntry,
  workloadEntry,
} from "./service-entry.ts";
import { type Telemetry, telemetry } from "./telemetry.ts";
import { type VirtualService, virtualService } from "./virtual-service.ts";

export type AnyResource =
  | ConfigMap
  | Deployment
  | DestinationRule
  | EndpointSlice
  | Gateway
  | KnativeService
  | Namespace
  | Pod
  | Service
  | ServiceAccount
  | ServiceEntry
  | Telemetry
  | VirtualService
  | WorkloadEntry;

export interface KindEntry {
  readonly group: string;
  readonly versions: readonly string[];
  readonly decode: Decoder<AnyResource>;
}

const networking = { group: "networking.istio.io", versions: ["v1", "v1beta1", "v1alpha3"] };
const core = { group: "", versions: ["v1"] };

/** The kinds that are read, under the API groups and versions that serve them. Two kinds may share a name. */
export const kinds: Readonly<Record<string, readonly KindEntry[]>> = {
  ConfigMap: [{ ...core, decode: configMap }],
  Namespace: [{ ...core, decode: namespace }],
  Pod: [{ ...core, decode: pod }],
  Service: [
    { ...core, decode: service },
    { group: "serving.knative.dev", versions: ["v1"], decode: knativeService },
  ],
  ServiceAccount: [{ ...core, decode: serviceAccount }],
  Deployment: [{ group: "apps", versions: ["v1"], decode: deployment }],
  EndpointSlice: [{ group: "discovery.k8s.io", versions: ["v1"], decode: endpointSlice }],
  DestinationRule: [{ ...networking, decode: destinationRule }],
  Gateway: [{ ...networking, decode: gateway }],
  ServiceEntry: [{ ...networking, decode: serviceEntry }],
  VirtualService: [{ ...networking, decode: virtualService }],
  WorkloadEntry: [{ ...networking, decode: workloadEntry }],
  Telemetry: [{ group: "telemetry.istio.io", versions: ["v1", "v1alpha1"], decode: telemetry }],
};

export function apiVersionsOf(entries: readonly KindEntry[]): string[] {
  return entries.flatMap(({ group, versions }) =>
    versions.map((version) => (group === "" ? version : `${group}/${version}`)),
  );
}
