import { isIP } from "node:net";
import type { Attributes } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { getSpanOrigin } from "./span-origin.ts";

// https://zipkin.io/zipkin-api/#/default/post_spans
export interface ZipkinEndpoint {
  readonly serviceName?: string;
  readonly ipv4?: string;
  readonly ipv6?: string;
  readonly port?: number;
}

/** The fields of a Zipkin v2 span that are added to what the OTel exporter writes. */
export interface ZipkinSpan {
  readonly traceId: string;
  readonly timestamp: number;
  readonly duration: number;
  readonly localEndpoint: ZipkinEndpoint;
  readonly remoteEndpoint?: ZipkinEndpoint;
  readonly debug?: boolean;
  readonly tags: Readonly<Record<string, unknown>>;
}

/**
 * Completes what @opentelemetry/exporter-zipkin makes of a span: the trace id as wide as it came, debug,
 * whole microseconds, the remote endpoint, our own address, no tags that repeat the service name.
 */
export function completeZipkinSpan<S extends ZipkinSpan>(
  zipkinSpan: S,
  span: ReadableSpan,
  localAddress: string | undefined,
): S & ZipkinSpan {
  const origin = getSpanOrigin(span);
  const remoteEndpoint = remoteEndpointOf(span.attributes);
  const { "service.name": _, ...tags } = zipkinSpan.tags;
  return {
    ...zipkinSpan,
    traceId: origin?.traceId ?? zipkinSpan.traceId,
    timestamp: Math.round(zipkinSpan.timestamp),
    // Zipkin takes 0 for "no duration".
    duration: Math.max(1, Math.round(zipkinSpan.duration)),
    localEndpoint: { ...zipkinSpan.localEndpoint, ...addressField(localAddress) },
    ...(remoteEndpoint === undefined ? {} : { remoteEndpoint }),
    ...(origin?.debug ? { debug: true } : {}),
    tags,
  };
}

// The order is OTel's: peer.service, server.address, network.peer.address.
// https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/#otlp---zipkin
function remoteEndpointOf(attributes: Attributes): ZipkinEndpoint | undefined {
  const host = text(attributes["server.address"]);
  const named = host !== undefined && isIP(host) === 0 && host !== "localhost" ? host : undefined;
  const serviceName = text(attributes["peer.service"]) ?? named;
  const address = text(attributes["network.peer.address"]) ?? host;
  const port = attributes["server.port"] ?? attributes["network.peer.port"];
  const endpoint = {
    ...(serviceName === undefined ? {} : { serviceName }),
    ...addressField(address),
    ...(typeof port === "number" ? { port } : {}),
  };
  const known = endpoint.serviceName ?? endpoint.ipv4 ?? endpoint.ipv6 ?? endpoint.port;
  return known === undefined ? undefined : endpoint;
}

function addressField(address: string | undefined): ZipkinEndpoint {
  if (address === undefined) return {};
  const plain = (address === "localhost" ? "127.0.0.1" : address)
    .replace(/^\[|\]$/g, "")
    .replace(/^::ffff:(?=\d+\.)/i, "");
  const family = isIP(plain);
  if (family === 4) return { ipv4: plain };
  return family === 6 ? { ipv6: plain } : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
