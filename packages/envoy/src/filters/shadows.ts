/** The copies of one request that its route sends to other clusters. https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_routing#traffic-shadowing */
import { appendForwarded } from "../connection-manager/forwarded-for.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { MirrorPolicy } from "../routing/mirror-policy.ts";
import { nowMicros } from "../time/clock.ts";
import type { ForwardingPlan, ForwardingSettings, ForwardingStream } from "./forwarding-plan.ts";
import type { BodySource } from "./request-body.ts";
import { ShadowStream } from "./shadow-stream.ts";

export class Shadows {
  readonly #stream: ForwardingStream;
  readonly #settings: ForwardingSettings;
  /** The request as it was before its own trace context went in. */
  readonly #headers: HeaderMap;
  readonly #streams: ShadowStream[] = [];

  /** Takes a copy of the headers now; `start` sends it. Undefined: there is nothing to send. */
  static prepare(
    stream: ForwardingStream,
    settings: ForwardingSettings,
    mirrors: readonly MirrorPolicy[],
  ): Shadows | undefined {
    if (mirrors.length === 0 || stream.headers.get(":method") === "CONNECT") return undefined;
    return new Shadows(stream, settings);
  }

  private constructor(stream: ForwardingStream, settings: ForwardingSettings) {
    this.#stream = stream;
    this.#settings = settings;
    this.#headers = stream.headers.clone();
  }

  start({ action, timeouts }: ForwardingPlan, source: BodySource, requestComplete: boolean): void {
    const { random, span, info } = this.#stream;
    for (const policy of action.mirrors) {
      if (!policy.applies(random)) continue;
      const cluster = this.#settings.clusters.get(policy.clusterOf(this.#headers) ?? "");
      if (cluster === undefined) continue;
      const headers = this.#headers.clone();
      const mirrorSpan = span.spawnClient("mirror", nowMicros(), policy.traceSampled);
      policy.changeHeaders(headers, info);
      rewriteHost(headers, policy);
      mirrorSpan.injectContext(headers);
      markInternal(headers, this.#settings.machineAddress);
      const shadow = new ShadowStream(this.#stream, headers, mirrorSpan, source);
      this.#streams.push(shadow);
      shadow.start(cluster, timeouts.global, this.#settings, requestComplete);
    }
  }

  sendData(chunk: Buffer, endStream: boolean): void {
    for (const shadow of this.#streams) shadow.sendData(chunk, endStream);
  }

  sendTrailers(trailers: HeaderMap): void {
    for (const shadow of this.#streams) shadow.sendTrailers(trailers);
  }

  /** The request will not arrive in full. */
  cancel(): void {
    for (const shadow of this.#streams) shadow.cancel();
  }
}

function rewriteHost(headers: HeaderMap, { host, marksHost }: MirrorPolicy): void {
  if (host !== undefined) headers.set(":authority", host);
  else if (marksHost) headers.set(":authority", shadowHost(headers.get(":authority") ?? ""));
}

/** As every request that the proxy makes by itself. */
function markInternal(headers: HeaderMap, machineAddress: string): void {
  headers.set("x-envoy-internal", "true");
  headers.set("x-forwarded-for", appendForwarded(headers.get("x-forwarded-for"), machineAddress));
}

/** `host-shadow`, before the port if there is one; colons inside an IPv6 literal are none. */
function shadowHost(host: string): string {
  const colon = host.lastIndexOf(":");
  const end = colon < host.lastIndexOf("]") || colon < 0 ? host.length : colon;
  return `${host.slice(0, end)}-shadow${host.slice(end)}`;
}
