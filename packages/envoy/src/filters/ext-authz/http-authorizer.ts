/** Asks an authorization service over HTTP: the request's own head, and 200 means yes. */
import type {
  AuthorizationHttpService,
  AuthorizationResponse,
} from "../../config/filters/ext-authz.ts";
import { HeaderMap } from "../../http/header-map.ts";
import { inlineRequestHeaders } from "../../http/inline-headers.ts";
import { reasonPhrase } from "../../http1/reason-phrases.ts";
import { type CompileFormat, HeaderRules } from "../../routing/header-rules.ts";
import { nowMicros } from "../../time/clock.ts";
import { finalizeUpstreamSpan } from "../../tracing/finalize-span.ts";
import type { Span } from "../../tracing/tracer.ts";
import type { FilterStream } from "../filter.ts";
import type { ForwardingSettings } from "../forwarding-plan.ts";
import { plainTags } from "../plain-action.ts";
import { ServiceRequest, type ServiceResponse } from "../service-request.ts";
import {
  type Authorization,
  type Authorizer,
  failed,
  type HeaderChange,
  type Metadata,
  type Question,
} from "./authorization.ts";
import { compileNames, type NameTest } from "./question.ts";
import { traceStatus } from "./trace-status.ts";

const removalsHeader = "x-envoy-auth-headers-to-remove";
/** What the client always hears of a no, where a list says what it hears. */
const alwaysHeard = new Set([":status", "content-length", "www-authenticate", "location"]);

export interface HttpAuthorizerService {
  readonly cluster: string;
  readonly timeoutMs: number;
  readonly pathPrefix: string;
  readonly pathOverride: string;
  readonly rules: HeaderRules;
  readonly names: ReturnType<typeof compileAnswerNames>;
}

export function compileHttpService(
  config: AuthorizationHttpService,
  compileFormat: CompileFormat,
): HttpAuthorizerService {
  const { serverUri, pathPrefix = "", pathOverride = "" } = config;
  const additions = config.authorizationRequest?.headersToAdd ?? [];
  const overwriting = additions.map((header) => ({
    header,
    appendAction: "OVERWRITE_IF_EXISTS_OR_ADD" as const,
    keepEmptyValue: false,
  }));
  return {
    cluster: serverUri.cluster,
    timeoutMs: serverUri.timeoutMs,
    pathPrefix,
    pathOverride,
    rules: new HeaderRules(overwriting, [], inlineRequestHeaders, compileFormat),
    names: compileAnswerNames(config.authorizationResponse),
  };
}

function compileAnswerNames(config: AuthorizationResponse | undefined): {
  upstream: NameTest;
  upstreamAppend: NameTest;
  client: NameTest;
  clientOnSuccess: NameTest;
  metadata: NameTest;
} {
  const listed = compileNames(config?.allowedClientHeaders);
  return {
    upstream: compileNames(config?.allowedUpstreamHeaders),
    upstreamAppend: compileNames(config?.allowedUpstreamHeadersToAppend),
    client:
      config?.allowedClientHeaders === undefined
        ? (name) => name !== "host" && name !== ":authority"
        : (name) => alwaysHeard.has(name) || listed(name),
    clientOnSuccess: compileNames(config?.allowedClientHeadersOnSuccess),
    metadata: compileNames(config?.dynamicMetadataFromHeaders),
  };
}

export class HttpAuthorizer implements Authorizer {
  readonly #stream: FilterStream;
  readonly #settings: ForwardingSettings;
  readonly #service: HttpAuthorizerService;
  /** Undefined: as the request is. */
  readonly #sampled: boolean | undefined;

  constructor(
    stream: FilterStream,
    settings: ForwardingSettings,
    service: HttpAuthorizerService,
    sampled: boolean | undefined,
  ) {
    this.#stream = stream;
    this.#settings = settings;
    this.#service = service;
    this.#sampled = sampled;
  }

  ask(question: Question, done: (authorization: Authorization) => void): { cancel(): void } {
    const { cluster: name, timeoutMs } = this.#service;
    const cluster = this.#settings.clusters.get(name);
    const none = { cancel: () => undefined };
    if (cluster === undefined) {
      done(failed);
      return none;
    }
    const span = this.#stream.span.spawnClient(`async ${name} egress`, nowMicros(), this.#sampled);
    const headers = this.#headers(question);
    span.injectContext(headers);
    headers.set("x-envoy-internal", "true");
    const body = question.body?.length ? question.body : undefined;
    const request = new ServiceRequest(this.#stream, {
      cluster,
      settings: this.#settings,
      headers,
      body,
      timeoutMs,
      done: (response) => {
        finish(span, request, response, false);
        done(response === undefined ? failed : this.#read(response));
      },
    });
    request.start();
    return {
      cancel() {
        request.cancel();
        finish(span, request, undefined, true);
      },
    };
  }

  #headers({ headers: told, body }: Question): HeaderMap {
    const { pathPrefix, pathOverride, rules } = this.#service;
    const lines = new Map(told);
    const path = lines.get(":path") ?? "/";
    const headers = new HeaderMap([
      ":method",
      lines.get(":method") ?? "GET",
      ":path",
      pathOverride === "" ? pathPrefix + path : pathOverride,
      ":authority",
      lines.get(":authority") ?? "",
      ":scheme",
      lines.get(":scheme") ?? "http",
      "content-length",
      String(body?.length ?? 0),
    ]);
    for (const [name, value] of lines)
      if (!name.startsWith(":") && name !== "content-length") headers.add(name, value);
    rules.apply(headers, this.#stream.info);
    return headers;
  }

  #read({ status, headers, body }: ServiceResponse): Authorization {
    if (status >= 500) return failed;
    const { names } = this.#service;
    const metadata: Record<string, unknown> = {};
    const isAllowed = status === 200;
    const removals = isAllowed ? headers.getAll(removalsHeader).flatMap(splitNames) : [];
    headers.remove(removalsHeader);
    const requestHeaders: HeaderChange[] = [];
    const responseHeaders: HeaderChange[] = [];
    const reply: (readonly [string, string])[] = [];
    for (const [name, value] of headers) {
      if (names.upstream(name)) requestHeaders.push({ kind: "set", name, value });
      if (names.clientOnSuccess(name)) responseHeaders.push({ kind: "add", name, value });
      if (names.client(name) && !name.startsWith(":")) reply.push([name, value]);
      if (names.metadata(name)) metadata[name] = value;
    }
    for (const [name, value] of headers)
      if (names.upstreamAppend(name)) requestHeaders.push({ kind: "add", name, value });
    if (!isAllowed) return { kind: "denied", status, headers: reply, body, metadata };
    return {
      kind: "allowed",
      requestHeaders,
      requestHeadersToRemove: removals,
      responseHeaders,
      queryToSet: [],
      queryToRemove: [],
      metadata: metadata satisfies Metadata,
    };
  }
}

function splitNames(list: string): string[] {
  return list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** Ends the question's span with what any upstream span says, and the verdict. */
function finish(
  span: Span,
  { info }: ServiceRequest,
  response: ServiceResponse | undefined,
  canceled: boolean,
): void {
  if (!span.isRecording || info.upstream === undefined) return;
  if (response !== undefined) {
    span.setTag("ext_authz_http_status", reasonPhrase(response.status));
    span.setTag("ext_authz_status", response.status === 200 ? traceStatus.ok : traceStatus.denied);
  } else if (!canceled) span.setTag("error.reason", "Reset");
  const attempt = {
    upstream: { ...info.upstream, protocol: "HTTP/1.1" as const },
    responseCode: info.responseCode,
    flags: info.flags,
    retryCount: 0,
    canceled,
    resetReason: undefined,
    headersOnly: false,
  };
  finalizeUpstreamSpan(span, info, attempt, plainTags, nowMicros());
}
