import type { Deployment } from "./kinds/deployment.ts";
import type { DestinationRule } from "./kinds/destination-rule.ts";
import type { EndpointSlice } from "./kinds/endpoint-slice.ts";
import type { Gateway } from "./kinds/gateway.ts";
import type { KnativeService, RevisionTemplate } from "./kinds/knative-service.ts";
import type { MeshConfig } from "./kinds/mesh-config.ts";
import type { ConfigMap, Namespace, ServiceAccount } from "./kinds/plain.ts";
import type { Pod } from "./kinds/pod.ts";
import type { Service } from "./kinds/service.ts";
import type { ServiceEntry, WorkloadEntry } from "./kinds/service-entry.ts";
import type { Telemetry } from "./kinds/telemetry.ts";
import type { VirtualService } from "./kinds/virtual-service.ts";

/** A Knative Service as it stands now, with the revisions its earlier versions left behind, oldest first. */
export interface KnativeApplication {
  readonly service: KnativeService;
  readonly revisions: readonly Revision[];
}

export interface Revision {
  readonly name: string;
  readonly template: RevisionTemplate;
}

/** Everything the manifests describe, in the order of the files. */
export interface Resources {
  readonly meshConfig: MeshConfig;
  readonly configMaps: readonly ConfigMap[];
  readonly namespaces: readonly Namespace[];
  readonly serviceAccounts: readonly ServiceAccount[];
  readonly services: readonly Service[];
  readonly deployments: readonly Deployment[];
  readonly pods: readonly Pod[];
  readonly endpointSlices: readonly EndpointSlice[];
  readonly virtualServices: readonly VirtualService[];
  readonly destinationRules: readonly DestinationRule[];
  readonly gateways: readonly Gateway[];
  readonly serviceEntries: readonly ServiceEntry[];
  readonly workloadEntries: readonly WorkloadEntry[];
  readonly telemetries: readonly Telemetry[];
  readonly knativeApplications: readonly KnativeApplication[];
}
