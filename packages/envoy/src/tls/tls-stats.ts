/** https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/stats#tls-statistics */
import type { Counter, StatsStore } from "../stats/stats-store.ts";
import type { TlsConnectionInfo } from "./tls-connection-info.ts";
import type { PeerProblem } from "./verify-peer.ts";

export class TlsStats {
  /** Handshakes that failed for another reason than the peer's certificate. */
  readonly connectionError: Counter;
  readonly failVerifyNoCertificate: Counter;
  readonly #store: StatsStore;
  readonly #prefix: string;
  readonly #handshake: Counter;
  readonly #noCertificate: Counter;
  readonly #failures: Readonly<Record<PeerProblem["kind"], Counter>>;

  /** `scope` is `listener.<address>.` or `cluster.<name>.`. */
  constructor(store: StatsStore, scope: string) {
    this.#store = store;
    this.#prefix = `${scope}ssl.`;
    const counter = (name: string): Counter => store.counter(this.#prefix + name);
    this.connectionError = counter("connection_error");
    this.failVerifyNoCertificate = counter("fail_verify_no_cert");
    this.#failures = {
      error: counter("fail_verify_error"),
      san: counter("fail_verify_san"),
      hash: counter("fail_verify_cert_hash"),
    };
    this.#handshake = counter("handshake");
    this.#noCertificate = counter("no_certificate");
  }

  verificationFailed(kind: PeerProblem["kind"]): void {
    this.#failures[kind].inc();
  }

  handshaken({ version, cipher, peerCertificate }: TlsConnectionInfo): void {
    this.#handshake.inc();
    if (peerCertificate === undefined) this.#noCertificate.inc();
    this.#store.counter(`${this.#prefix}versions.${version}`).inc();
    this.#store.counter(`${this.#prefix}ciphers.${cipher}`).inc();
  }
}
