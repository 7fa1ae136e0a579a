/** The listeners that the steps talk to. */
import type { TestCertificates } from "../../../../packages/envoy/src/tls/test-certificates.ts";
import { type Json, tlsType, type } from "./message.ts";

/** Listeners by name; each gets a port. */
export const listenerNames = [
  "https", "alpn", "mutual", "xfcc-set", "xfcc-append", "xfcc-forward", "redirect", "upstreams", "half-close", "ends-first", "resets", "dead",
  "dead-three", "no-cluster", "no-endpoint", "one-connection", "idle", "old", "chains", "default", "http", "no-filters", "weighted", "tcp-tls", "udp", "udp-nowhere",
] as const; // biome-ignore format: a table

export type ListenerName = (typeof listenerNames)[number];

const httpLog =
  "%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% up=%UPSTREAM_TLS_VERSION%,%UPSTREAM_TLS_CIPHER%,%UPSTREAM_TRANSPORT_FAILURE_REASON% down=%DOWNSTREAM_TLS_VERSION%,%DOWNSTREAM_TLS_CIPHER%,%DOWNSTREAM_PEER_SUBJECT%,%DOWNSTREAM_PEER_URI_SAN%,%DOWNSTREAM_LOCAL_DNS_SAN%,%REQUESTED_SERVER_NAME% chain=%FILTER_CHAIN_NAME%";
const tcpLog =
  "%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_FLAGS_LONG% %RESPONSE_CODE_DETAILS% rx=%BYTES_RECEIVED% tx=%BYTES_SENT% cluster=%UPSTREAM_CLUSTER% attempts=%UPSTREAM_REQUEST_ATTEMPT_COUNT% %UPSTREAM_TRANSPORT_FAILURE_REASON% %DOWNSTREAM_TRANSPORT_FAILURE_REASON% [%PROTOCOL%] %ACCESS_LOG_TYPE%";

function stdout(name: string, format: string): readonly Json[] {
  const text = { inline_string: `${name}: ${format}\n` };
  return [
    {
      name: "log",
      typed_config: {
        "@type": type("extensions.access_loggers.stream.v3.StdoutAccessLog"),
        log_format: { text_format_source: text },
      },
    },
  ];
}

function manager(name: string, routes: readonly Json[], rest: Json = {}, host: Json = {}): Json {
  return {
    name: "manager",
    typed_config: {
      "@type": type("extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
      stat_prefix: "http",
      access_log: stdout(name, httpLog),
      route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes, ...host }] },
      http_filters: [
        {
          name: "router",
          typed_config: { "@type": type("extensions.filters.http.router.v3.Router") },
        },
      ],
      ...rest,
    },
  };
}

function to(cluster: string): readonly Json[] {
  return [{ match: { prefix: "/" }, route: { cluster } }];
}

function says(text: string): readonly Json[] {
  return [
    { match: { prefix: "/" }, direct_response: { status: 200, body: { inline_string: text } } },
  ];
}

function tcpProxy(name: string, settings: Json): Json {
  return {
    name: "tcp",
    typed_config: {
      "@type": type("extensions.filters.network.tcp_proxy.v3.TcpProxy"),
      stat_prefix: name,
      access_log: stdout(name, tcpLog),
      ...settings,
    },
  };
}

function datagrams(settings: Json): Json {
  const config = {
    "@type": type("extensions.filters.udp.udp_proxy.v3.UdpProxyConfig"),
    stat_prefix: "datagrams",
    idle_timeout: "0.3s",
    ...settings,
  };
  return { listener_filters: [{ name: "udp", typed_config: config }] };
}

function inspector(name: string): Json {
  const message = name === "tls_inspector" ? "TlsInspector" : "HttpInspector";
  return {
    name,
    typed_config: { "@type": type(`extensions.filters.listener.${name}.v3.${message}`) },
  };
}

export function listenerOf(name: ListenerName, { folder }: TestCertificates): Json {
  const certificate = (who: string): Json => ({
    certificate_chain: { filename: `${folder}/${who}.pem` },
    private_key: { filename: `${folder}/${who}.key` },
  });
  const tls = (common: Json = {}, rest: Json = {}): Json => ({
    name: "tls",
    typed_config: {
      "@type": type(`${tlsType}.DownstreamTlsContext`),
      common_tls_context: { tls_certificates: [certificate("server")], ...common },
      ...rest,
    },
  });
  const one = (filter: Json, socket?: Json): Json => ({
    filter_chains: [
      { filters: [filter], ...(socket === undefined ? {} : { transport_socket: socket }) },
    ],
  });
  const asks = { validation_context: { trusted_ca: { filename: `${folder}/ca.pem` } } };
  const xfcc = (mode: string, details: Json): Json =>
    one(
      manager(name, to("http"), {
        forward_client_cert_details: mode,
        set_current_client_cert_details: details,
      }),
      tls(asks),
    );
  const chain = (label: string, filter_chain_match: Json, socket?: Json): Json => ({
    name: label,
    filter_chain_match,
    filters: [manager(name, says(label))],
    ...(socket === undefined ? {} : { transport_socket: socket }),
  });
  switch (name) {
    case "https":
      return one(
        manager(name, to("http")),
        tls({ tls_certificates: [certificate("server"), certificate("ec")] }),
      );
    case "alpn":
      return one(manager(name, to("http")), tls({ alpn_protocols: ["h2", "http/1.1"] }));
    case "old":
      return one(
        manager(name, says("old")),
        tls({
          tls_params: {
            tls_maximum_protocol_version: "TLSv1_2",
            cipher_suites: ["ECDHE-RSA-AES256-GCM-SHA384"],
          },
        }),
      );
    case "mutual":
      return {
        ...one(manager(name, says("mutual")), tls(asks, { require_client_certificate: true })),
        access_log: stdout(name, tcpLog),
      };
    case "xfcc-set":
      return xfcc("SANITIZE_SET", { subject: true, uri: true, dns: true });
    case "xfcc-append":
      return xfcc("APPEND_FORWARD", { subject: true });
    case "xfcc-forward":
      return xfcc("FORWARD_ONLY", {});
    case "redirect":
      return one(manager(name, says("secure"), {}, { require_tls: "ALL" }));
    case "upstreams": {
      const byHeader = { cluster_header: "x-cluster" };
      return one(
        manager(name, [
          {
            match: { prefix: "/rewritten" },
            route: { ...byHeader, host_rewrite_literal: "rewritten.test" },
          },
          { match: { prefix: "/" }, route: byHeader },
        ]),
      );
    }
    case "half-close":
    case "ends-first":
    case "resets":
    case "dead":
    case "no-cluster":
    case "no-endpoint":
    case "one-connection":
      return one(tcpProxy(name, { cluster: name }));
    case "dead-three":
      return one(tcpProxy(name, { cluster: "dead", max_connect_attempts: 3 }));
    case "idle":
      return one(tcpProxy(name, { cluster: "half-close", idle_timeout: "0.3s" }));
    case "weighted":
      return one(
        tcpProxy(name, {
          weighted_clusters: {
            clusters: [
              { name: "half-close", weight: 1 },
              { name: "ends-first", weight: 3 },
            ],
          },
        }),
      );
    case "tcp-tls":
      return one(tcpProxy(name, { cluster: "half-close" }), tls());
    case "chains":
      return {
        listener_filters: [inspector("tls_inspector")],
        listener_filters_timeout: "0.3s",
        access_log: stdout(name, tcpLog),
        filter_chains: [
          chain("exact", { server_names: ["www.a.test"] }, tls()),
          chain("wildcard", { server_names: ["*.a.test"] }, tls()),
          chain("protocol", { transport_protocol: "tls", application_protocols: ["x"] }, tls()),
          chain("tls", { transport_protocol: "tls", server_names: ["server.test"] }, tls()),
          chain("plain", { transport_protocol: "raw_buffer" }),
        ],
      };
    case "default":
      return {
        filter_chains: [
          chain("elsewhere", {
            source_prefix_ranges: [{ address_prefix: "192.0.2.0", prefix_len: 24 }],
          }),
        ],
        default_filter_chain: { name: "otherwise", filters: [manager(name, says("otherwise"))] },
      };
    case "http":
      return {
        listener_filters: [inspector("http_inspector")],
        listener_filters_timeout: "0.3s",
        continue_on_listener_filters_timeout: true,
        filter_chains: [
          chain("http/1.1", { application_protocols: ["http/1.1"] }),
          chain("h2c", { application_protocols: ["h2c"] }),
          { name: "other", filters: [tcpProxy(name, { cluster: "ends-first" })] },
        ],
      };
    case "udp":
      return datagrams({
        matcher: {
          on_no_match: {
            action: {
              name: "route",
              typed_config: {
                "@type": type("extensions.filters.udp.udp_proxy.v3.Route"),
                cluster: "datagrams",
              },
            },
          },
        },
      });
    case "udp-nowhere":
      return datagrams({ cluster: "nobody" });
    case "no-filters":
      return { filter_chains: [{ filters: [] }], access_log: stdout(name, tcpLog) };
  }
}
