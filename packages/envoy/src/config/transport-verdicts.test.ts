/** What real Envoy says of TLS contexts, filter chains, TCP and UDP proxies, and what we say. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import verdicts from "../../goldens/transport-verdicts.json" with { type: "json" };
import { createTestCertificates, type TestCertificates } from "../tls/test-certificates.ts";
import { decodeBootstrap } from "./decode-bootstrap.ts";

let certificates: TestCertificates;

beforeAll(() => {
  certificates = createTestCertificates();
  const { folder } = certificates;
  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  };
  writeFileSync(join(folder, "garbage.pem"), "garbage\n");
  openssl(
    "req",
    "-x509",
    "-newkey",
    "rsa:1024",
    "-nodes",
    "-keyout",
    "small.key",
    "-out",
    "small.pem",
    "-days",
    "30",
    "-subj",
    "/CN=small",
  );
  openssl(
    "rsa",
    "-aes256",
    "-passout",
    "pass:secret",
    "-in",
    "server.key",
    "-out",
    "server.enc.key",
  );
});

afterAll(() => certificates.remove());

/** Envoy varies the blanks of some messages on purpose. */
function comparable(message: string): string {
  return message.replaceAll(certificates.folder, "<certificates>").replace(/\s/g, "");
}

describe("verdicts and first messages recorded from Envoy 1.40.0", () => {
  test.each(verdicts)("$name", (verdict) => {
    const text = verdict.yaml.replaceAll("<certificates>", certificates.folder);
    const decoded = decodeBootstrap({ path: "envoy.yaml", text }, { env: {} });
    expect(decoded.ok).toBe(verdict.ok);
    if (decoded.ok || verdict.message === undefined) return;
    expect(comparable(decoded.problems[0].envoyMessage)).toBe(verdict.message.replace(/\s/g, ""));
  });
});
