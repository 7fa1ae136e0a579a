/** Which of a server's certificates a client is shown. */
import type { SecureContext, SecureContextOptions } from "node:tls";
import type { Credentials } from "../config/tls-credentials.ts";
import { createContext } from "./secure-contexts.ts";
import { dnsNameMatches, subjectAltNames } from "./subject-alt-names.ts";

export class ServerCertificates {
  /** For clients that send no name, or one that no certificate is for. */
  readonly standard: SecureContext;
  readonly #all: readonly Credentials[];
  readonly #options: SecureContextOptions;
  /** By the certificates in them. */
  readonly #contexts = new Map<string, SecureContext>();

  constructor(credentials: readonly Credentials[], options: SecureContextOptions) {
    this.#all = credentials;
    this.#options = options;
    this.standard = this.#context(credentials);
  }

  /** The certificates for that name: an exact one before one with a wildcard. */
  forName(serverName: string): SecureContext {
    if (this.#all.length === 1) return this.standard;
    const exact = this.#all.filter((one) => namesOf(one).includes(serverName));
    if (exact.length > 0) return this.#context(exact);
    const wild = this.#all.filter((one) =>
      namesOf(one).some((name) => dnsNameMatches(name, serverName)),
    );
    return wild.length > 0 ? this.#context(wild) : this.standard;
  }

  #context(credentials: readonly Credentials[]): SecureContext {
    const chosen = firstOfEachType(credentials);
    const key = chosen.map((one) => this.#all.indexOf(one)).join();
    let context = this.#contexts.get(key);
    if (context === undefined) {
      context = createContext(this.#options, chosen);
      this.#contexts.set(key, context);
    }
    return context;
  }
}

function firstOfEachType(credentials: readonly Credentials[]): readonly Credentials[] {
  const seen = new Set<string | undefined>();
  return credentials.filter(({ key }) => {
    const isFirst = !seen.has(key.asymmetricKeyType);
    seen.add(key.asymmetricKeyType);
    return isFirst;
  });
}

/** DNS names, or the common name of a certificate without any. */
function namesOf({ certificate }: Credentials): readonly string[] {
  const names = subjectAltNames(certificate)
    .filter(({ type }) => type === "DNS")
    .map(({ value }) => value.toLowerCase());
  if (names.length > 0) return names;
  const commonName = /^CN=(.+)$/m.exec(certificate.subject)?.[1];
  return commonName === undefined ? [] : [commonName.toLowerCase()];
}
