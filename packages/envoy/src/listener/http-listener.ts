/** A listener with nothing but HTTP on it. */
import type { ServerCodecOptions, ServerConnectionCallbacks } from "../http/stream.ts";
import { HttpChain } from "./http-chain.ts";
import { type ListenOptions, NetworkListener } from "./network-listener.ts";

export interface HttpListenerOptions extends ListenOptions {
  readonly options: ServerCodecOptions;
  readonly callbacks: ServerConnectionCallbacks;
}

export type HttpListener = NetworkListener;

/** Accepts TCP connections and serves HTTP on them. Rejects when the address cannot be bound. */
export async function createHttpListener(config: HttpListenerOptions): Promise<HttpListener> {
  const { options: codec, callbacks } = config;
  const chain = new HttpChain({
    name: "",
    tls: undefined,
    handshakeTimeoutMs: 0,
    codec,
    callbacks,
  });
  const listener = new NetworkListener({
    find: () => chain,
    inspect: undefined,
    events: {
      onNoFilterChain() {},
      onInspectionTimeout() {},
      onHandshakeTimeout() {},
      onClosed() {},
    },
  });
  await listener.listen(config);
  return listener;
}
