import { expect, test } from "vitest";
import { redactSecrets } from "./redact-secrets.ts";

test("hides keys and passwords of certificates, however they are given, and nothing else", () => {
  const chain = { inline_string: "-----BEGIN CERTIFICATE-----" };
  const dumped = redactSecrets({
    common_tls_context: {
      tls_certificates: [
        {
          certificate_chain: chain,
          private_key: { inline_string: "secret" },
          password: { environment_variable: "PASS" },
        },
        { certificateChain: chain, privateKey: { inlineBytes: "c2VjcmV0" } },
        { private_key: { filename: "key.pem" } },
      ],
    },
    // Not a certificate's.
    password: "kept",
  });
  expect(dumped).toEqual({
    common_tls_context: {
      tls_certificates: [
        {
          certificate_chain: chain,
          private_key: { inline_string: "[redacted]" },
          password: { environment_variable: "[redacted]" },
        },
        { certificateChain: chain, privateKey: { inlineBytes: "W3JlZGFjdGVkXQ==" } },
        { private_key: { filename: "[redacted]" } },
      ],
    },
    password: "kept",
  });
});
