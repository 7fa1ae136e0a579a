/** What both proxies are started with: listeners that differ in their options, and one upstream reached in several ways. */
import { cluster, upstreamProtocol } from "../rig/configuration-parts.ts";
import type { ListenerOptions } from "../rig/scripted-configuration.ts";

export type ListenerName = "plain" | "limited" | "limitedUpstream" | "retrying" | "smallBuffer";

const http2Limits = {
  max_concurrent_streams: 2,
  initial_stream_window_size: 65_535,
  initial_connection_window_size: 100_000,
};

/** Unless a listener says otherwise. */
export const usual: ListenerOptions = {
  // Else a broken connection stays open for a second.
  manager: { delayed_close_timeout: "0s" },
  route: { cluster: "service", timeout: "2s" },
};

export const listeners: Readonly<Record<ListenerName, ListenerOptions>> = {
  plain: {},
  limited: { manager: { http2_protocol_options: http2Limits } },
  limitedUpstream: { route: { cluster: "limited" } },
  retrying: { route: { retry_policy: { retry_on: "reset,refused-stream", num_retries: 1 } } },
  smallBuffer: {
    listener: { per_connection_buffer_limit_bytes: 32_768 },
    manager: { stream_idle_timeout: "1s" },
  },
};

export function clusters(upstream: number): readonly object[] {
  return [
    cluster("service", upstream, upstreamProtocol({ http2_protocol_options: {} })),
    cluster("limited", upstream, upstreamProtocol({ http2_protocol_options: http2Limits })),
  ];
}
