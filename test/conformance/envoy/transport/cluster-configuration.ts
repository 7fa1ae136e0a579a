/** The clusters behind them: one for each way of reaching an upstream. */
import type { ConfigurationInput } from "./configuration.ts";
import { address, type Json, tlsType, type } from "./message.ts";

const httpOptionsType = type("extensions.upstreams.http.v3.HttpProtocolOptions");

export function clusters({
  certificates: { folder },
  upstreams,
}: ConfigurationInput): readonly Json[] {
  const cluster = (name: string, upstream: string | undefined, rest: Json = {}): Json => ({
    name,
    connect_timeout: "2s",
    load_assignment: {
      cluster_name: name,
      endpoints:
        upstream === undefined
          ? []
          : [{ lb_endpoints: [{ endpoint: { address: address(upstreams[upstream] ?? 0) } }] }],
    },
    ...rest,
  });
  const tls = (context: Json = {}): Json => ({
    transport_socket: {
      name: "tls",
      typed_config: { "@type": type(`${tlsType}.UpstreamTlsContext`), ...context },
    },
  });
  const validated = (validation: Json): Json =>
    tls({
      common_tls_context: {
        validation_context: { trusted_ca: { filename: `${folder}/ca.pem` }, ...validation },
      },
    });
  const options = (protocol: Json, upstream_http_protocol_options?: Json): Json => ({
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": httpOptionsType,
        ...protocol,
        ...(upstream_http_protocol_options === undefined ? {} : { upstream_http_protocol_options }),
      },
    },
  });
  const http1 = { explicit_http_config: { http_protocol_options: {} } };
  const sans = (san_type: string, matcher: Json): Json => ({
    match_typed_subject_alt_names: [{ san_type, matcher }],
  });
  return [
    cluster("http", "http"),
    cluster("half-close", "half-close"),
    cluster("ends-first", "ends-first"),
    cluster("resets", "resets"),
    cluster("dead", "dead"),
    cluster("datagrams", "datagrams"),
    cluster("no-endpoint", undefined),
    cluster("one-connection", "half-close", {
      circuit_breakers: { thresholds: [{ max_connections: 1 }] },
    }),
    cluster("plain-tls", "tls", tls()),
    cluster(
      "newest",
      "tls",
      tls({ common_tls_context: { tls_params: { tls_maximum_protocol_version: "TLSv1_3" } } }),
    ),
    cluster("trusted", "tls", validated({})),
    cluster("untrusted", "tls-other", validated({})),
    cluster("san", "tls", validated(sans("DNS", { exact: "x.wild.test" }))),
    cluster("san-uri", "tls", validated(sans("URI", { prefix: "spiffe://mesh/" }))),
    cluster("san-wrong", "tls", validated(sans("DNS", { exact: "client.test" }))),
    cluster(
      "untrusted-accepted",
      "tls-other",
      validated({ trust_chain_verification: "ACCEPT_UNTRUSTED" }),
    ),
    cluster(
      "hash-wrong",
      "tls",
      tls({
        common_tls_context: { validation_context: { verify_certificate_hash: ["a".repeat(64)] } },
      }),
    ),
    cluster("not-tls", "http", tls()),
    cluster(
      "too-old",
      "tls-old",
      tls({
        common_tls_context: {
          tls_params: {
            tls_minimum_protocol_version: "TLSv1_3",
            tls_maximum_protocol_version: "TLSv1_3",
          },
        },
      }),
    ),
    cluster("no-client-certificate", "tls-mutual", tls()),
    cluster(
      "client-certificate",
      "tls-mutual",
      tls({
        common_tls_context: {
          tls_certificates: [
            {
              certificate_chain: { filename: `${folder}/client.pem` },
              private_key: { filename: `${folder}/client.key` },
            },
          ],
        },
      }),
    ),
    cluster("sni", "tls", tls({ sni: "fixed.test" })),
    cluster("auto-sni", "tls", {
      ...tls({ sni: "fixed.test" }),
      ...options(http1, { auto_sni: true }),
    }),
    cluster("auto-san", "tls", {
      ...validated({}),
      ...options(http1, { auto_sni: true, auto_san_validation: true }),
    }),
    cluster("h2", "tls-h2", {
      ...tls(),
      ...options({ explicit_http_config: { http2_protocol_options: {} } }),
    }),
    cluster("choose-h2", "tls-h2", { ...tls(), ...options({ auto_config: {} }) }),
    cluster("choose-http1", "tls", { ...tls(), ...options({ auto_config: {} }) }),
  ];
}
