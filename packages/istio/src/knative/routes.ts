import { copySite } from "../decode/sites.ts";
import type { TrafficTarget } from "../kinds/knative-service.ts";
import { namespaceOf } from "../kinds/resource.ts";
import type { HttpRoute, HttpRouteDestination, VirtualService } from "../kinds/virtual-service.ts";
import { serviceHost } from "../model/hosts.ts";
import type { KnativeApplication, Resources } from "../resources.ts";
import { externalHost, knativeDomain, localHosts } from "./domains.ts";

/** The gateways that net-istio attaches its routes to. */
export const ingressGateway = "knative-serving/knative-ingress-gateway";
export const localGateway = "knative-serving/knative-local-gateway";

/**
 * The VirtualServices net-istio makes of a Knative Service: `<name>-ingress` for the gateways and `<name>-mesh` for callers
 * inside. Its probe rule (`K-Network-Hash: override`) is left out: only Knative's own controller asks for it.
 */
export function knativeRoutes(resources: Resources): VirtualService[] {
  const domain = knativeDomain(resources);
  return resources.knativeApplications.flatMap((application) => {
    const { service } = application;
    const traffic = trafficOf(application);
    const local = localHosts(service);
    const external = domain === undefined ? [] : [externalHost(service, domain)];
    const shared = destinations(application, traffic);
    const rules = [
      ...external.map((host) => rule(host, ingressGateway, shared)),
      rule(local.at(-1) ?? "", localGateway, shared),
    ];
    const hosts = [...external, ...local];
    for (const target of traffic) {
      if (domain === undefined || target.tag === undefined) continue;
      const host = externalHost(service, domain, target.tag);
      rules.push(
        rule(host, ingressGateway, destinations(application, [{ ...target, percent: 100 }])),
      );
      hosts.push(host);
    }
    const ingress = virtualService(
      application,
      "ingress",
      [ingressGateway, localGateway],
      hosts,
      rules,
    );
    const inside = rule(local.at(-1) ?? "", "mesh", shared);
    return [ingress, virtualService(application, "mesh", ["mesh"], local, [inside])];
  });
}

/** Everything goes to the newest revision unless `traffic` says otherwise. */
export function trafficOf({ service }: KnativeApplication): readonly TrafficTarget[] {
  const { traffic = [] } = service.spec;
  return traffic.length > 0 ? traffic : [{ latestRevision: true, percent: 100 }];
}

export function revisionOf(application: KnativeApplication, target: TrafficTarget): string {
  return target.revisionName ?? application.revisions.at(-1)?.name ?? "";
}

function destinations(
  application: KnativeApplication,
  traffic: readonly TrafficTarget[],
): HttpRouteDestination[] {
  const namespace = namespaceOf(application.service);
  return traffic
    .filter(({ percent = 0 }) => percent > 0)
    .map((target) => {
      const revision = revisionOf(application, target);
      return {
        destination: { host: serviceHost(revision, namespace), port: { number: 80 } },
        weight: target.percent ?? 0,
        // What the activator reads to know for whom a request waits.
        headers: {
          request: {
            set: {
              "Knative-Serving-Namespace": namespace,
              "Knative-Serving-Revision": revision,
            },
          },
        },
      };
    });
}

function rule(
  authority: string,
  gateway: string,
  route: readonly HttpRouteDestination[],
): HttpRoute {
  return {
    match: [
      {
        uri: { kind: "prefix", value: "/" },
        authority: { kind: "prefix", value: authority },
        gateways: [gateway],
      },
    ],
    route,
    // Knative leaves retries to its own activator.
    retries: {},
  };
}

function virtualService(
  { service }: KnativeApplication,
  suffix: string,
  gateways: readonly string[],
  hosts: readonly string[],
  http: readonly HttpRoute[],
): VirtualService {
  const made: VirtualService = {
    kind: "VirtualService",
    apiVersion: "networking.istio.io/v1beta1",
    metadata: { name: `${service.metadata.name}-${suffix}`, namespace: namespaceOf(service) },
    spec: { hosts, gateways, http },
  };
  return copySite(made, service);
}
