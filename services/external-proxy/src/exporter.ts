/** How the spans of the outside program reach a Zipkin: v1 thrift as py_zipkin sent it, unless told otherwise. */
import { type Env, type Lookup, SettingsError, type SpanExporter } from "@tracemesh/service-kit";
import { createZipkinExporter, createZipkinV1Exporter } from "@tracemesh/telemetry";

/** Milliseconds for one upload. */
const uploadTimeoutMs = 5_000;

const encodings = ["v1-thrift", "v1-json", "v2-json"] as const;

export function createExporter(env: Env, serviceName: string, lookup?: Lookup): SpanExporter {
  const encoding = encodings.find((known) => known === (env["ZIPKIN_ENCODING"] || "v1-thrift"));
  if (!encoding) {
    throw new SettingsError([
      `ZIPKIN_ENCODING "${env["ZIPKIN_ENCODING"]}" is not one of ${encodings.join(", ")}`,
    ]);
  }
  const url = env["ZIPKIN_V1_ENDPOINT"] || defaultEndpoint(encoding);
  if (!URL.canParse(url)) {
    // The value itself stays out of the message: its path may hold a token.
    throw new SettingsError([
      "ZIPKIN_V1_ENDPOINT is not a URL, such as http://localhost:9411/api/v1/spans",
    ]);
  }
  const options = { endpoint: url, uploadTimeoutMs, lookup };
  if (encoding === "v2-json") return createZipkinExporter({ ...options, serviceName });
  // py_zipkin tells its own host the same way.
  const host = { serviceName, ipv4: "127.0.0.1", port: Number(env["PORT"]) };
  return createZipkinV1Exporter({ ...options, encoding, host });
}

function defaultEndpoint(encoding: (typeof encodings)[number]): string {
  return `http://localhost:9411/api/${encoding === "v2-json" ? "v2" : "v1"}/spans`;
}
