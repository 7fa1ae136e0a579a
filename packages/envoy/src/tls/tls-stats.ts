/** https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/stats#tls-statistics */
import type { Counter, StatsStore } from "../stats/stats-store.ts";
import type { TlsConnectionInfo } from "./tls-connection-info.ts";

export class TlsStats {
  /** Handshakes that failed for another reason than the peer's certificate. */
  readonly connectionError: Counter;
  readonly failVerifyNoCertificate: Counter;
  readonly failVerifyError: Counter;
  readonly failVerifySan: Counter;
  readonly failVerifyCertificateHash: Counter;
  readonly #store: StatsStore;
  readonly #prefix: string;
  readonly #handshake: Counter;
  readonly #noCertificate: Counter;

  /** `scope` is `listener.<address>.` or `cluster.<name>.`. */
  constructor(store: StatsStore, scope: string) {
    this.#store = store;
    this.#prefix = `${scope}ssl.`;
    const counter = (name: string): Counter => store.counter(this.#prefix + name);
    this.connectionError = counter("connection_error");
    this.failVerifyNoCertificate = counter("fail_verify_no_cert");
    this.failVerifyError = counter("fail_verify_error");
    this.failVerifySan = counter("fail_verify_san");
    this.failVerifyCertificateHash = counter("fail_verify_cert_hash");
    this.#handshake = counter("handshake");
    this.#noCertificate = counter("no_certificate");
  }

  handshaken({ version, cipher, peerCertificate }: TlsConnectionInfo): void {
    this.#handshake.inc();
    if (peerCertificate === undefined) this.#noCertificate.inc();
    this.#store.counter(`${this.#prefix}versions.${version}`).inc();
    this.#store.counter(`${this.#prefix}ciphers.${cipher}`).inc();
  }
}
