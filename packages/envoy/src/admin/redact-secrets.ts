/** Keys and passwords do not leave the process: /config_dump says "[redacted]" in their place, as Envoy does. */

type Message = Readonly<Record<string, unknown>>;

const holders: ReadonlySet<string> = new Set([
  "tls_certificates",
  "tlsCertificates",
  "tls_certificate",
  "tlsCertificate",
]);
const secrets: ReadonlySet<string> = new Set(["private_key", "privateKey", "password", "pkcs12"]);

const redacted = "[redacted]";
const redactedBytes = Buffer.from(redacted).toString("base64");

export function redactSecrets(config: Message): Message {
  return redactMessage(config, false);
}

/** `inCertificate`: the message is a TlsCertificate. */
function redactMessage(message: Message, inCertificate: boolean): Message {
  return Object.fromEntries(
    Object.entries(message).map(([key, value]) => [
      key,
      inCertificate && secrets.has(key) ? hide(value) : redactValue(value, holders.has(key)),
    ]),
  );
}

function redactValue(value: unknown, inCertificate: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => redactValue(item, inCertificate));
  return isMessage(value) ? redactMessage(value, inCertificate) : value;
}

/** All that a data source says, be it only a file's name. */
function hide(value: unknown): unknown {
  if (!isMessage(value)) return redacted;
  return Object.fromEntries(
    Object.keys(value).map((key) => [
      key,
      key === "inline_bytes" || key === "inlineBytes" ? redactedBytes : redacted,
    ]),
  );
}

function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
