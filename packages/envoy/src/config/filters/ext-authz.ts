/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/ext_authz/v3/ext_authz.proto */
import type { Decoder } from "../decode/decoder.ts";
import { enumeration } from "../decode/enumeration.ts";
import { flag, map, optional, repeated, required } from "../decode/field.ts";
import { extension, fieldPlace, type MessageDecoder, message } from "../decode/message.ts";
import { bool, onlyTrue, string, uint32 } from "../decode/scalars.ts";
import { headerValue } from "../header-value-option.ts";
import type { GrpcService, HttpUri } from "../http-service.ts";
import { grpcService, httpUri } from "../http-service.ts";
import type { HttpStatus } from "../http-status.ts";
import { httpStatus } from "../http-status.ts";
import type { ListStringMatcher } from "../list-string-matcher.ts";
import { listStringMatcher } from "../list-string-matcher.ts";
import type { RuntimeFractionalPercent } from "../percent.ts";
import { runtimeFractionalPercent } from "../percent.ts";
import type { RuntimeFeatureFlag } from "../runtime-feature-flag.ts";
import { runtimeFeatureFlag } from "../runtime-feature-flag.ts";

/** One of grpcService and httpService is present. */
export interface ExtAuthz {
  readonly type: "ExtAuthz";
  readonly grpcService?: GrpcService;
  readonly httpService?: AuthorizationHttpService;
  readonly failureModeAllow: boolean;
  readonly failureModeAllowHeaderAdd: boolean;
  readonly withRequestBody?: BufferSettings;
  readonly clearRouteCache: boolean;
  readonly statusOnError?: HttpStatus;
  /** Absent: every request. */
  readonly filterEnabled?: RuntimeFractionalPercent;
  readonly denyAtDisable?: RuntimeFeatureFlag;
  readonly transportApiVersion?: "AUTO" | "V3";
  readonly statPrefix?: string;
  /** The node's metadata under this key go along as the destination's labels. */
  readonly bootstrapMetadataLabelsKey?: string;
  readonly allowedHeaders?: ListStringMatcher;
  readonly disallowedHeaders?: ListStringMatcher;
  /** Absent: true. */
  readonly chargeClusterResponseStats?: boolean;
  readonly encodeRawHeaders: boolean;
  readonly validateMutations: boolean;
  /** Absent: true. */
  readonly enableDynamicMetadataIngestion?: boolean;
  /** Bytes; absent or 0: all of it. */
  readonly maxDeniedResponseBodyBytes?: number;
  /** Absent: true. */
  readonly emitClientSpan?: boolean;
}

export interface BufferSettings {
  readonly maxRequestBytes: number;
  readonly allowPartialMessage: boolean;
  readonly packAsBytes: boolean;
}

/** ext_authz.v3.HttpService. */
export interface AuthorizationHttpService {
  readonly serverUri: HttpUri;
  readonly pathPrefix?: string;
  readonly pathOverride?: string;
  readonly authorizationRequest?: {
    readonly allowedHeaders?: ListStringMatcher;
    readonly headersToAdd: readonly { readonly key: string; readonly value: string }[];
  };
  readonly authorizationResponse?: AuthorizationResponse;
}

export interface AuthorizationResponse {
  readonly allowedUpstreamHeaders?: ListStringMatcher;
  readonly allowedUpstreamHeadersToAppend?: ListStringMatcher;
  readonly allowedClientHeaders?: ListStringMatcher;
  readonly allowedClientHeadersOnSuccess?: ListStringMatcher;
  readonly dynamicMetadataFromHeaders?: ListStringMatcher;
}

/** One of the two is present. */
export interface ExtAuthzPerRoute {
  readonly type: "ExtAuthzPerRoute";
  readonly disabled?: true;
  readonly checkSettings?: CheckSettings;
}

/** At most one of the services is present; it takes the place of the filter's. */
export interface CheckSettings {
  readonly contextExtensions: Readonly<Record<string, string>>;
  readonly disableRequestBodyBuffering: boolean;
  readonly withRequestBody?: BufferSettings;
  readonly grpcService?: GrpcService;
  readonly httpService?: AuthorizationHttpService;
  readonly emitClientSpan?: boolean;
}

const packageName = "envoy.extensions.filters.http.ext_authz.v3";

const bufferSettings: Decoder<BufferSettings> = message<BufferSettings>(
  `${packageName}.BufferSettings`,
  {
    maxRequestBytes: required(uint32({ gt: 0 })),
    allowPartialMessage: flag(),
    packAsBytes: flag(),
  },
);

const authorizationRequest = message<NonNullable<AuthorizationHttpService["authorizationRequest"]>>(
  `${packageName}.AuthorizationRequest`,
  {
    allowedHeaders: optional(listStringMatcher),
    headersToAdd: repeated(headerValue),
  },
);

const authorizationResponse = message<AuthorizationResponse>(
  `${packageName}.AuthorizationResponse`,
  {
    allowedUpstreamHeaders: optional(listStringMatcher),
    allowedUpstreamHeadersToAppend: optional(listStringMatcher),
    allowedClientHeaders: optional(listStringMatcher),
    allowedClientHeadersOnSuccess: optional(listStringMatcher),
    dynamicMetadataFromHeaders: optional(listStringMatcher),
  },
);

const httpService: Decoder<AuthorizationHttpService> = message<AuthorizationHttpService>(
  `${packageName}.HttpService`,
  {
    serverUri: required(httpUri),
    pathPrefix: optional(string()),
    pathOverride: optional(string()),
    authorizationRequest: optional(authorizationRequest),
    authorizationResponse: optional(authorizationResponse),
  },
  {
    unsupported: { retry_policy: "retries of authorization requests" },
    check({ pathPrefix = "", pathOverride = "" }, at, node) {
      const rule = (name: string, value: string): void => {
        if (value === "" || value.startsWith("/")) return;
        const envoyMessage = `${name} should start with "/".`;
        const message = `${JSON.stringify(value)} does not start with "/"`;
        at.field(name).add("listeners", fieldPlace(node, name), message, envoyMessage);
      };
      rule("path_prefix", pathPrefix);
      rule("path_override", pathOverride);
      if (pathPrefix === "" || pathOverride === "") return;
      const both = "Only one of path_prefix or path_override may be set, not both.";
      at.add("listeners", node.at, "path_prefix and path_override exclude each other", both);
    },
  },
);

const metadataContext = "metadata of other filters for the authorization service";

export const extAuthz: MessageDecoder<ExtAuthz> = extension<ExtAuthz>(
  `${packageName}.ExtAuthz`,
  "ExtAuthz",
  {
    grpcService: optional(grpcService),
    httpService: optional(httpService),
    failureModeAllow: flag(),
    failureModeAllowHeaderAdd: flag(),
    withRequestBody: optional(bufferSettings),
    clearRouteCache: flag(),
    statusOnError: optional(httpStatus),
    filterEnabled: optional(runtimeFractionalPercent),
    denyAtDisable: optional(runtimeFeatureFlag),
    transportApiVersion: optional(
      enumeration<"AUTO" | "V3">("envoy.config.core.v3.ApiVersion", { AUTO: 0, V3: 2 }),
    ),
    statPrefix: optional(string()),
    bootstrapMetadataLabelsKey: optional(string()),
    allowedHeaders: optional(listStringMatcher),
    disallowedHeaders: optional(listStringMatcher),
    chargeClusterResponseStats: optional(bool()),
    encodeRawHeaders: flag(),
    validateMutations: flag(),
    enableDynamicMetadataIngestion: optional(bool()),
    maxDeniedResponseBodyBytes: optional(uint32()),
    emitClientSpan: optional(bool()),
  },
  {
    oneofs: [{ name: "services", fields: ["grpc_service", "http_service"], required: true }],
    unsupported: {
      include_peer_certificate: "client certificates for the authorization service",
      include_tls_session: "TLS sessions for the authorization service",
      metadata_context_namespaces: metadataContext,
      typed_metadata_context_namespaces: metadataContext,
      route_metadata_context_namespaces: metadataContext,
      route_typed_metadata_context_namespaces: metadataContext,
      filter_enabled_metadata: "authorization by metadata",
      decoder_header_mutation_rules: "rules for header changes",
      filter_metadata: "filter state",
      emit_filter_state_stats: "filter state",
      enforce_response_header_limits: "limits of response headers",
      shadow_mode: "shadow mode",
      clear_route_cache_headers: "clearing the route cache for some headers",
    },
    check({ allowedHeaders, httpService }, at, node) {
      if (allowedHeaders === undefined) return;
      if (httpService?.authorizationRequest?.allowedHeaders === undefined) return;
      const message = "allowed_headers is given twice, here and in http_service";
      const rule = "Invalid duplicate configuration for allowed_headers.";
      const place = fieldPlace(node, "allowed_headers");
      at.field("allowed_headers").add("listeners", place, message, rule);
    },
  },
);

const checkSettings: Decoder<CheckSettings> = message<CheckSettings>(
  `${packageName}.CheckSettings`,
  {
    contextExtensions: map(string()),
    disableRequestBodyBuffering: flag(),
    withRequestBody: optional(bufferSettings),
    grpcService: optional(grpcService),
    httpService: optional(httpService),
    emitClientSpan: optional(bool()),
  },
  { oneofs: [{ name: "service_override", fields: ["grpc_service", "http_service"] }] },
);

export const extAuthzPerRoute: MessageDecoder<ExtAuthzPerRoute> = extension<ExtAuthzPerRoute>(
  `${packageName}.ExtAuthzPerRoute`,
  "ExtAuthzPerRoute",
  { disabled: optional(onlyTrue()), checkSettings: optional(checkSettings) },
  { oneofs: [{ name: "override", fields: ["disabled", "check_settings"], required: true }] },
);
