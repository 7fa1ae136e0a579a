import type { AuthorizationHttpService, ExtAuthz } from "../../config/filters/ext-authz.ts";
import type { CompileFormat } from "../../routing/header-rules.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { StatsStore } from "../../stats/stats-store.ts";
import type { HttpFilter, HttpFilterFactory } from "../filter.ts";
import type { ForwardingSettings } from "../forwarding-plan.ts";
import { unwrapConfig } from "../switchable.ts";
import { ExtAuthzFilter } from "./ext-authz.ts";
import { ExtAuthzStats } from "./ext-authz-stats.ts";
import { compileHttpService, type HttpAuthorizerService } from "./http-authorizer.ts";
import { compileNames, orAlwaysTold, type ToldHeaders } from "./question.ts";

export interface ExtAuthzDependencies {
  readonly forwarding: ForwardingSettings;
  readonly runtime: Runtime;
  readonly stats: StatsStore;
  readonly statPrefix: string;
  readonly nodeMetadata: Readonly<Record<string, unknown>>;
  readonly compileFormat: CompileFormat;
}

const passThrough: HttpFilter = { decodeHeaders: () => "continue" };

/** What all requests share. */
export interface Compiled {
  readonly config: ExtAuthz;
  readonly dependencies: ExtAuthzDependencies;
  readonly stats: ExtAuthzStats;
  readonly told: ToldHeaders;
  readonly labels: Readonly<Record<string, string>>;
  readonly httpService: (config: AuthorizationHttpService) => HttpAuthorizerService;
}

export function createExtAuthz(
  name: string,
  config: ExtAuthz,
  dependencies: ExtAuthzDependencies,
): HttpFilterFactory {
  const { stats, statPrefix, nodeMetadata, compileFormat } = dependencies;
  const services = new WeakMap<AuthorizationHttpService, HttpAuthorizerService>();
  const compiled: Compiled = {
    config,
    dependencies,
    stats: new ExtAuthzStats(stats, statPrefix, config.statPrefix ?? ""),
    told: compileTold(config),
    labels: textsOf(nodeMetadata[config.bootstrapMetadataLabelsKey ?? ""]),
    httpService(service) {
      let result = services.get(service);
      if (result === undefined) {
        result = compileHttpService(service, compileFormat);
        services.set(service, result);
      }
      return result;
    },
  };
  return {
    name,
    create(stream) {
      if (stream.route.kind !== "route") return passThrough;
      const levels = stream.route.entry
        .filterConfigs(name)
        .map(unwrapConfig)
        .filter((level) => level?.type === "ExtAuthzPerRoute");
      if (levels[0]?.disabled === true) return passThrough;
      return new ExtAuthzFilter(stream, compiled, levels);
    },
  };
}

/** Over gRPC all headers are told unless the file says which; over HTTP few are. */
function compileTold(config: ExtAuthz): ToldHeaders {
  const listed = config.allowedHeaders ?? config.httpService?.authorizationRequest?.allowedHeaders;
  const allowed = listed === undefined ? undefined : compileNames(listed);
  return {
    allowed: config.httpService === undefined ? allowed : orAlwaysTold(allowed ?? (() => false)),
    disallowed:
      config.disallowedHeaders === undefined ? undefined : compileNames(config.disallowedHeaders),
    raw: config.encodeRawHeaders,
  };
}

function textsOf(struct: unknown): Readonly<Record<string, string>> {
  if (typeof struct !== "object" || struct === null) return {};
  const entries = Object.entries(struct).map(([key, value]) => [
    key,
    typeof value === "string" ? value : "",
  ]);
  return Object.fromEntries(entries);
}
