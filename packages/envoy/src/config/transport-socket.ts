/** What lies between TCP and the filters. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-transportsocket */
import type { Registry } from "./decode/any.ts";
import type { Decoder } from "./decode/decoder.ts";
import { extension } from "./decode/message.ts";
import type { TypedExtension } from "./extension.ts";
import { namedExtension } from "./named-extension.ts";
import type { DownstreamTlsContext, UpstreamTlsContext } from "./tls-context.ts";
import { downstreamTlsContext, upstreamTlsContext } from "./tls-context.ts";

/** Plain TCP, said in so many words. */
export interface RawBuffer {
  readonly type: "RawBuffer";
}

export type DownstreamTransportSocket = TypedExtension<DownstreamTlsContext | RawBuffer>;
export type UpstreamTransportSocket = TypedExtension<UpstreamTlsContext | RawBuffer>;

const rawBufferName = "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer";
const rawBuffer = extension<RawBuffer>(rawBufferName, "RawBuffer", {});
const tls = "envoy.extensions.transport_sockets.tls.v3";

function transportSocket<Config>(
  category: string,
  registry: Registry<Config>,
): Decoder<TypedExtension<Config>> {
  return namedExtension<Config>(
    "envoy.config.core.v3.TransportSocket",
    {
      category,
      packages: ["envoy.extensions.transport_sockets."],
      // A downstream context in a cluster is a mistake, not a missing feature.
      strangers: [`${tls}.DownstreamTlsContext`, `${tls}.UpstreamTlsContext`],
      registry: () => registry,
    },
    {},
  );
}

export const downstreamTransportSocket: Decoder<DownstreamTransportSocket> = transportSocket<
  DownstreamTlsContext | RawBuffer
>("downstream transport socket", {
  [`${tls}.DownstreamTlsContext`]: downstreamTlsContext,
  [rawBufferName]: rawBuffer,
});

export const upstreamTransportSocket: Decoder<UpstreamTransportSocket> = transportSocket<
  UpstreamTlsContext | RawBuffer
>("upstream transport socket", {
  [`${tls}.UpstreamTlsContext`]: upstreamTlsContext,
  [rawBufferName]: rawBuffer,
});
