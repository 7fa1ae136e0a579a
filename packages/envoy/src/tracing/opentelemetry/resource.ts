import type { OpenTelemetryConfig, ResourceDetector } from "../../config/opentelemetry.ts";
import { implementedVersion } from "./implemented-version.ts";

export type ResourceAttributes = Readonly<Record<string, string>>;

/** What all spans of a tracer share. Detectors win over service_name. https://opentelemetry.io/docs/specs/semconv/resource/ */
export function createResource(
  config: OpenTelemetryConfig,
  environment: Readonly<Record<string, string | undefined>>,
): ResourceAttributes {
  const attributes: Record<string, string> = {
    "service.name": config.serviceName || "unknown_service:envoy",
    "telemetry.sdk.language": "cpp",
    "telemetry.sdk.name": "envoy",
    "telemetry.sdk.version": implementedVersion,
  };
  for (const detector of config.resourceDetectors)
    Object.assign(attributes, detect(detector.config, environment));
  return attributes;
}

function detect(
  detector: ResourceDetector,
  environment: Readonly<Record<string, string | undefined>>,
): ResourceAttributes {
  if (detector.type === "StaticConfigResourceDetectorConfig") return detector.attributes;
  const attributes: Record<string, string> = {};
  // key=value,key=value; Envoy leaves percent-encoding as it is.
  for (const pair of (environment["OTEL_RESOURCE_ATTRIBUTES"] ?? "").split(",")) {
    const equals = pair.indexOf("=");
    if (equals > 0) attributes[pair.slice(0, equals).trim()] = pair.slice(equals + 1).trim();
  }
  return attributes;
}
