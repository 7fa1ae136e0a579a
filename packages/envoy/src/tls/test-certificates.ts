/** Certificates for tests, made on the spot by openssl. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TestCertificates {
  readonly folder: string;
  /** The file's text. */
  read(file: string): string;
  remove(): void;
}

/**
 * `ca` (an authority), `server` (server.test, *.wild.test, 127.0.0.1, spiffe://mesh/server) and `client` (client.test, spiffe://mesh/client)
 * signed by it, `other` (other.test, signed by itself), `ec` (ec.test, an elliptic curve key); each as .pem and .key.
 */
export function createTestCertificates(): TestCertificates {
  const folder = mkdtempSync(join(tmpdir(), "tracemesh-certificates-"));
  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  };
  const selfSigned = (name: string, key: readonly string[], ...extra: string[]): void =>
    openssl(
      "req",
      "-x509",
      ...key,
      "-nodes",
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.pem`,
      "-days",
      "30",
      ...extra,
    );
  const rsa = ["-newkey", "rsa:2048"];
  selfSigned("ca", rsa, "-subj", "/CN=Test CA");
  selfSigned("other", rsa, "-subj", "/CN=other.test", "-addext", "subjectAltName=DNS:other.test");
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  selfSigned("ec", curve, "-subj", "/CN=ec.test", "-addext", "subjectAltName=DNS:ec.test");
  const signed = (name: string, names: string): void => {
    writeFileSync(
      join(folder, "extensions"),
      `subjectAltName=${names}\nbasicConstraints=CA:FALSE\n`,
    );
    openssl(
      "req",
      ...rsa,
      "-nodes",
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.csr`,
      "-subj",
      `/CN=${name}.test`,
    );
    openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-days",
      "30",
      "-extfile",
      "extensions",
      "-out",
      `${name}.pem`,
    );
  };
  signed("server", "DNS:server.test,DNS:*.wild.test,IP:127.0.0.1,URI:spiffe://mesh/server");
  signed("client", "DNS:client.test,URI:spiffe://mesh/client");
  return {
    folder,
    read: (file) => readFileSync(join(folder, file), "utf8"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
