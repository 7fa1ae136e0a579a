/** What the proxy is started with. */
import type { TestCertificates } from "../../../../packages/envoy/src/tls/test-certificates.ts";
import { clusters } from "./cluster-configuration.ts";
import { type ListenerName, listenerNames, listenerOf } from "./listener-configuration.ts";
import { address, type Json } from "./message.ts";

export interface ConfigurationInput {
  readonly certificates: TestCertificates;
  readonly upstreams: Readonly<Record<string, number>>;
  readonly listeners: Readonly<Record<ListenerName, number>>;
  readonly admin: number;
}

export function configuration(input: ConfigurationInput): Json {
  const { listeners, admin } = input;
  return {
    admin: { address: address(admin) },
    static_resources: {
      listeners: listenerNames.map((name) => ({
        name,
        address: address(listeners[name], name.startsWith("udp") ? "UDP" : "TCP"),
        ...listenerOf(name, input.certificates),
      })),
      clusters: clusters(input),
    },
  };
}
