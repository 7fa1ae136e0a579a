/** The names in `cipher_suites` and what the TLS library calls them. https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/common.proto#extensions-transport-sockets-tls-v3-tlsparameters */

/** BoringSSL's suites for TLS 1.2 and older. */
const suites: ReadonlySet<string> = new Set([
  "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA",
  "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA", "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA",
]); // biome-ignore format: a table

const defaults = [
  "[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-CHACHA20-POLY1305]",
  "[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
];

/** Not to be configured, neither there nor here. */
const tls13 = ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"];

/** Those BoringSSL would not know. */
export function unknownCipherSuites(configured: readonly string[]): readonly string[] {
  return configured.filter((entry) => !namesIn(entry).every((name) => suites.has(name)));
}

/** OpenSSL's list: it has no groups of equal preference, so their order counts. */
export function cipherList(configured: readonly string[]): string {
  const chosen = configured.length === 0 ? defaults : configured;
  return [...tls13, ...chosen.flatMap(namesIn)].join(":");
}

function namesIn(entry: string): readonly string[] {
  return entry.startsWith("[") && entry.endsWith("]") ? entry.slice(1, -1).split("|") : [entry];
}
