import {
  boolean,
  type Decoder,
  decodeWith,
  ignored,
  integer,
  list,
  number,
  oneOf,
  optional,
  record,
  required,
  string,
  text,
} from "../decode/decoder.ts";
import { object } from "../decode/object.ts";
import { port, schemaError } from "../decode/scalars.ts";
import { type Retries, retries } from "./http-policies.ts";
import { type CustomTag, customTag } from "./telemetry.ts";

/** Where spans go: `extensionProviders[].zipkin`. */
export interface ZipkinProvider {
  readonly service: string;
  readonly port: number;
  readonly path?: string;
  readonly maxTagLength?: number;
  readonly enable64bitTraceId?: boolean;
  readonly traceContextOption?: "USE_B3" | "USE_B3_WITH_W3C_PROPAGATION";
}

export interface ExtensionProvider {
  readonly name: string;
  /** Absent when the provider is of another kind. */
  readonly zipkin?: ZipkinProvider;
}

export interface ProxyTracing {
  /** Percent. Zero means "not set", as does a value above 100. */
  readonly sampling?: number;
  readonly zipkin?: { readonly address?: string };
  readonly maxPathTagLength?: number;
  readonly customTags?: Readonly<Record<string, CustomTag>>;
  readonly enableIstioTags?: boolean;
}

export interface ProxyConfig {
  readonly tracing?: ProxyTracing;
  readonly tracingServiceName?:
    | "APP_LABEL_AND_NAMESPACE"
    | "CANONICAL_NAME_ONLY"
    | "CANONICAL_NAME_AND_NAMESPACE";
}

export interface MeshConfig {
  readonly rootNamespace?: string;
  readonly enableTracing?: boolean;
  readonly defaultConfig?: ProxyConfig;
  readonly extensionProviders?: readonly ExtensionProvider[];
  readonly defaultProviders?: { readonly tracing?: readonly string[] };
  readonly outboundTrafficPolicy?: { readonly mode?: "ALLOW_ANY" | "REGISTRY_ONLY" };
  readonly accessLogFile?: string;
  readonly defaultHttpRetryPolicy?: Retries;
}

const refuse = { unknown: "refuse" } as const;

const zipkinProvider = object<ZipkinProvider>(
  {
    service: required(string),
    port: required(port),
    path: optional(string),
    maxTagLength: optional(integer),
    enable64bitTraceId: optional(boolean),
    traceContextOption: optional(oneOf("USE_B3", "USE_B3_WITH_W3C_PROPAGATION")),
  },
  {
    ...refuse,
    unsupported: { timeout: "a timeout of reports", headers: "extra headers of reports" },
  },
);

const address: Decoder<string> = decodeWith(text, (value, cursor) =>
  /^[^\s:]+:\d+$/.test(value)
    ? value
    : schemaError(cursor, `${JSON.stringify(value)} is not host:port`),
);

/** Settings of `defaultConfig` and of the annotation `proxy.istio.io/config`. Those without effect on a trace are ignored. */
export const proxyConfig: Decoder<ProxyConfig> = object<ProxyConfig>(
  {
    tracing: optional(
      object<ProxyTracing>(
        {
          sampling: optional(number),
          zipkin: optional(object<{ address?: string }>({ address: optional(address) }, refuse)),
          maxPathTagLength: optional(integer),
          customTags: optional(record(customTag)),
          enableIstioTags: optional(boolean),
        },
        {
          ...refuse,
          unsupported: {
            lightstep: "the Lightstep tracer",
            datadog: "the Datadog tracer",
            openCensusAgent: "the OpenCensus tracer",
            tlsSettings: "TLS to the collector",
          },
        },
      ),
    ),
    tracingServiceName: optional(
      oneOf("APP_LABEL_AND_NAMESPACE", "CANONICAL_NAME_ONLY", "CANONICAL_NAME_AND_NAMESPACE"),
    ),
  },
  { unknown: "ignore" },
);

/** Deployment of the mesh itself: nothing a proxy's configuration on one machine depends on. */
const withoutEffect = {
  enablePrometheusMerge: optional(ignored),
  trustDomain: optional(ignored),
  configSources: optional(ignored),
  discoverySelectors: optional(ignored),
  enableAutoMtls: optional(ignored),
  meshMTLS: optional(ignored),
  ingressClass: optional(ignored),
  ingressService: optional(ignored),
  ingressControllerMode: optional(ignored),
  ingressSelector: optional(ignored),
  dnsRefreshRate: optional(ignored),
};

export const meshConfig: Decoder<MeshConfig> = object<
  MeshConfig & Partial<Record<keyof typeof withoutEffect, true>>
>(
  {
    rootNamespace: optional(string),
    enableTracing: optional(boolean),
    defaultConfig: optional(proxyConfig),
    extensionProviders: optional(
      list(
        object<ExtensionProvider>(
          { name: required(string), zipkin: optional(zipkinProvider) },
          { unknown: "ignore" },
        ),
      ),
    ),
    defaultProviders: optional(
      object<{ tracing?: readonly string[] }>(
        { tracing: optional(list(string)) },
        { unknown: "ignore" },
      ),
    ),
    outboundTrafficPolicy: optional(
      object<{ mode?: "ALLOW_ANY" | "REGISTRY_ONLY" }>(
        { mode: optional(oneOf("ALLOW_ANY", "REGISTRY_ONLY")) },
        refuse,
      ),
    ),
    accessLogFile: optional(string),
    defaultHttpRetryPolicy: optional(retries),
    ...withoutEffect,
  },
  {
    ...refuse,
    unsupported: {
      accessLogEncoding: "the encoding of access logs",
      accessLogFormat: "the format of access logs",
      pathNormalization: "other path normalisation",
      defaultServiceExportTo: "defaults of exportTo",
      defaultVirtualServiceExportTo: "defaults of exportTo",
      defaultDestinationRuleExportTo: "defaults of exportTo",
      localityLbSetting: "locality load balancing",
    },
  },
);
