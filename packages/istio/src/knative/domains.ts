import type { KnativeService } from "../kinds/knative-service.ts";
import { namespaceOf } from "../kinds/resource.ts";
import { clusterDomain } from "../model/hosts.ts";
import type { Resources } from "../resources.ts";

/**
 * The domain of Knative Services: the first key of the ConfigMap `config-domain` without a selector. Unset, a service has only
 * its local name.
 */
export function knativeDomain(resources: Resources): string | undefined {
  const config = resources.configMaps.find(
    (item) => item.metadata.name === "config-domain" && namespaceOf(item) === "knative-serving",
  );
  const domains = Object.entries(config?.data ?? {}).filter(([key]) => key !== "_example");
  const domain = domains.find(([, selector]) => selector.trim() === "")?.[0];
  return domain === `svc.${clusterDomain}` ? undefined : domain;
}

export function localHosts(service: KnativeService): string[] {
  const base = `${service.metadata.name}.${namespaceOf(service)}`;
  return [`${base}.svc.${clusterDomain}`, `${base}.svc`, base];
}

/** `{{.Name}}.{{.Namespace}}.{{.Domain}}`, and `{{.Tag}}-{{.Name}}` before it for a tagged target. */
export function externalHost(service: KnativeService, domain: string, tag?: string): string {
  const name = tag === undefined ? service.metadata.name : `${tag}-${service.metadata.name}`;
  return `${name}.${namespaceOf(service)}.${domain}`;
}
