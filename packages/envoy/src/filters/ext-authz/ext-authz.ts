/**
 * Asks a service whether a request may pass. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter
 */
import type {
  BufferSettings,
  CheckSettings,
  ExtAuthzPerRoute,
} from "../../config/filters/ext-authz.ts";
import type { HeaderMap } from "../../http/header-map.ts";
import type { FilterStream, HttpFilter, Verdict } from "../filter.ts";
import type { ForwardingSettings } from "../forwarding-plan.ts";
import { requestTooLarge } from "../payload-too-large.ts";
import {
  changeRequest,
  changeResponse,
  changesRequest,
  isValidHeader,
  isValidQueryPart,
} from "./apply-authorization.ts";
import type {
  Allowed,
  Authorization,
  Authorizer,
  Denied,
  Failed,
  HeaderChange,
} from "./authorization.ts";
import type { Compiled } from "./compile-ext-authz.ts";
import type { Verdict as StatVerdict } from "./ext-authz-stats.ts";
import { GrpcAuthorizer } from "./grpc-authorizer.ts";
import { HttpAuthorizer } from "./http-authorizer.ts";
import { linesToTell, partialBodyHeader } from "./question.ts";

const metadataNamespace = "envoy.filters.http.ext_authz";
const defaultStatusOnError = 403;
const noSettings: CheckSettings = { contextExtensions: {}, disableRequestBodyBuffering: false };

export class ExtAuthzFilter implements HttpFilter {
  readonly #stream: FilterStream;
  readonly #compiled: Compiled;
  /** Most specific level first. */
  readonly #levels: readonly ExtAuthzPerRoute[];
  readonly #settings: CheckSettings;
  readonly #startedAt: number = performance.now();
  #call: { cancel(): void } | undefined;
  #state: "before" | "asking" | "answered" = "before";
  #responseHeaders: readonly HeaderChange[] = [];
  /** Only where the body goes along, so that the stream holds other bodies back by itself. */
  decodeData?: (chunk: Buffer, endStream: boolean) => Verdict;

  constructor(stream: FilterStream, compiled: Compiled, levels: readonly ExtAuthzPerRoute[]) {
    this.#stream = stream;
    this.#compiled = compiled;
    this.#levels = levels;
    this.#settings = levels[0]?.checkSettings ?? noSettings;
  }

  decodeHeaders(_headers: HeaderMap, endStream: boolean): Verdict {
    const { config, dependencies, stats } = this.#compiled;
    const { filterEnabled, denyAtDisable } = config;
    const { runtime } = dependencies;
    if (filterEnabled !== undefined && !runtime.isEnabled(filterEnabled, this.#stream.random)) {
      stats.disabled.inc();
      if (denyAtDisable === undefined) return "continue";
      const denies = runtime.get(denyAtDisable.runtimeKey) ?? denyAtDisable.defaultValue;
      if (denies !== true) return "continue";
      this.#reply(this.#statusOnError, "ext_authz_error");
      return "stop";
    }
    const { disableRequestBodyBuffering, withRequestBody = config.withRequestBody } =
      this.#settings;
    const keepsBody =
      withRequestBody !== undefined &&
      !disableRequestBodyBuffering &&
      !endStream &&
      this.#stream.upgrade === undefined;
    if (!keepsBody) return this.#ask(undefined, undefined);
    this.#keepBody(withRequestBody);
    return "stop";
  }

  #keepBody(settings: BufferSettings): void {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const askNow = (): Verdict => this.#ask(Buffer.concat(chunks), settings);
    this.decodeData = (chunk, endStream) => {
      if (this.#state !== "before") return this.#state === "answered" ? "continue" : "wait";
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > settings.maxRequestBytes && !settings.allowPartialMessage) {
        this.#stream.sendLocalReply(requestTooLarge);
        return "stop";
      }
      const isEnough = settings.allowPartialMessage && bytes >= settings.maxRequestBytes;
      return endStream || isEnough ? askNow() : "stop";
    };
    this.decodeTrailers = () => (this.#state === "before" ? askNow() : "stop");
  }

  decodeTrailers?: (trailers: HeaderMap) => Verdict;

  encodeHeaders(headers: HeaderMap): void {
    changeResponse(headers, this.#responseHeaders);
  }

  onDestroy(): void {
    if (this.#state !== "asking") return;
    this.#state = "answered";
    this.#call?.cancel();
  }

  #ask(body: Buffer | undefined, settings: BufferSettings | undefined): Verdict {
    const { told } = this.#compiled;
    const headers = [...linesToTell(this.#stream.headers, told)];
    const max = settings?.maxRequestBytes ?? 0;
    if (body !== undefined) headers.push([partialBodyHeader, String(body.length > max)]);
    const contextExtensions: Record<string, string> = {};
    for (const level of this.#levels.toReversed())
      Object.assign(contextExtensions, level.checkSettings?.contextExtensions);
    this.#state = "asking";
    let verdict: Verdict = "wait";
    let isInside = true;
    const question = { headers, body: body?.subarray(0, max), contextExtensions };
    this.#call = this.#authorizer(settings).ask(question, (answer) => {
      if (this.#state !== "asking") return;
      this.#state = "answered";
      if (!this.#obey(answer)) return;
      if (isInside) verdict = "continue";
      else this.#stream.continueDecoding();
    });
    isInside = false;
    return verdict;
  }

  #authorizer(body: BufferSettings | undefined): Authorizer {
    const { config, dependencies, labels, httpService } = this.#compiled;
    const own = this.#settings;
    const stream = this.#stream;
    const emits = own.emitClientSpan ?? config.emitClientSpan ?? true;
    const sampled = emits ? undefined : false;
    const isOverridden = own.grpcService !== undefined || own.httpService !== undefined;
    const { grpcService, httpService: http } = isOverridden ? own : config;
    if (grpcService !== undefined) {
      const { encodeRawHeaders } = config;
      const packAsBytes = config.httpService !== undefined || body?.packAsBytes === true;
      const options = {
        labels,
        encodeRawHeaders,
        packAsBytes,
        random: dependencies.forwarding.random,
      };
      return new GrpcAuthorizer(stream, dependencies.forwarding, grpcService, options, sampled);
    }
    if (http === undefined) throw new Error("an authorization filter without a service");
    return new HttpAuthorizer(stream, dependencies.forwarding, httpService(http), sampled);
  }

  /** True: the request goes on. */
  #obey(answer: Authorization): boolean {
    this.#noteMetadata(answer);
    switch (answer.kind) {
      case "allowed":
        return this.#allow(answer);
      case "denied":
        this.#deny(answer);
        return false;
      case "failed":
        return this.#fail(answer);
    }
  }

  #noteMetadata({ kind, metadata }: Authorization): void {
    if (Object.keys(metadata).length === 0) return;
    const { config, stats } = this.#compiled;
    if (config.enableDynamicMetadataIngestion === false) {
      stats.ignoredMetadata.inc();
      return;
    }
    const { info } = this.#stream;
    const ext_authz_duration = Math.floor(performance.now() - this.#startedAt);
    info.dynamicMetadata = {
      ...info.dynamicMetadata,
      [metadataNamespace]: {
        ...metadata,
        ...(kind === "allowed" ? { ext_authz_duration } : {}),
      },
    };
  }

  #allow(answer: Allowed): boolean {
    const { config } = this.#compiled;
    if (config.validateMutations && !isValid(answer)) {
      this.#count("invalid");
      this.#reply(500, "ext_authz_invalid");
      return false;
    }
    changeRequest(this.#stream.headers, answer);
    this.#responseHeaders = answer.responseHeaders;
    this.#count("ok");
    if (config.clearRouteCache && changesRequest(answer)) this.#stream.clearRouteCache();
    return true;
  }

  #deny({ status, headers, body }: Denied): void {
    const { config } = this.#compiled;
    this.#count("denied");
    if (config.chargeClusterResponseStats ?? true)
      this.#routedCluster()?.stats.countStatus(status, true);
    if (config.validateMutations && !headers.every(([name, value]) => isValidHeader(name, value))) {
      this.#count("invalid");
      this.#reply(500, "ext_authz_invalid");
      return;
    }
    const max = config.maxDeniedResponseBodyBytes || body.length;
    this.#reply(status, "ext_authz_denied", headers, body.subarray(0, max));
  }

  #fail({ status, headers, body }: Failed): boolean {
    const { config } = this.#compiled;
    this.#count("error");
    if (!config.failureModeAllow) {
      this.#reply(status ?? this.#statusOnError, "ext_authz_error", headers, body);
      return false;
    }
    this.#count("failure_mode_allowed");
    if (config.failureModeAllowHeaderAdd)
      this.#stream.headers.add("x-envoy-auth-failure-mode-allowed", "true");
    return true;
  }

  get #statusOnError(): number {
    return this.#compiled.config.statusOnError?.code ?? defaultStatusOnError;
  }

  #routedCluster(): ReturnType<ForwardingSettings["clusters"]["get"]> {
    const name = this.#stream.info.upstream?.cluster;
    return name === undefined
      ? undefined
      : this.#compiled.dependencies.forwarding.clusters.get(name);
  }

  #count(verdict: StatVerdict): void {
    this.#compiled.stats.count(verdict, this.#routedCluster()?.statName);
  }

  #reply(
    status: number,
    details: string,
    headers: Denied["headers"] = [],
    body: Buffer = Buffer.alloc(0),
  ): void {
    this.#stream.info.flags.add("UAEX");
    this.#stream.sendLocalReply({
      status,
      body,
      details,
      changeHeaders(reply) {
        for (const [name] of headers) reply.remove(name);
        for (const [name, value] of headers) reply.add(name, value);
      },
    });
  }
}

function isValid(answer: Allowed): boolean {
  const headers = [...answer.requestHeaders, ...answer.responseHeaders];
  return (
    headers.every(({ name, value }) => isValidHeader(name, value)) &&
    answer.queryToSet.every((pair) => pair.every(isValidQueryPart))
  );
}
