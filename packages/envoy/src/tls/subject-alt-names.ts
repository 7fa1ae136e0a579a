/** The names a certificate is for. https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6 */
import type { X509Certificate } from "node:crypto";
import type { SanType } from "../config/tls-validation-context.ts";

export interface SubjectAltName {
  readonly type: SanType;
  readonly value: string;
}

const types: Readonly<Record<string, SanType>> = {
  DNS: "DNS",
  URI: "URI",
  email: "EMAIL",
  "IP Address": "IP_ADDRESS",
};

/** In the certificate's order. */
export function subjectAltNames(certificate: X509Certificate): readonly SubjectAltName[] {
  const text = certificate.subjectAltName;
  if (text === undefined) return [];
  const names: SubjectAltName[] = [];
  // `DNS:a.test, URI:"with, comma"`: values with special characters are JSON strings.
  for (const [, kind = "", quoted, plain = ""] of text.matchAll(entry)) {
    const type = types[kind];
    if (type === undefined) continue;
    names.push({ type, value: quoted === undefined ? plain : String(JSON.parse(quoted)) });
  }
  return names;
}

const entry = /(?:^|, )([A-Za-z ]+):(?:("(?:[^"\\]|\\.)*")|([^,]*))/g;

/** A name of a certificate as a host name takes it: `*.` stands for one label. */
export function dnsNameMatches(pattern: string, host: string): boolean {
  const wanted = host.toLowerCase();
  const name = pattern.toLowerCase();
  if (name === wanted) return true;
  if (!name.startsWith("*.")) return false;
  const dot = wanted.indexOf(".");
  return dot > 0 && wanted.slice(dot) === name.slice(1);
}
