import type { CaseFile } from "../rig/recorded-case.ts";
import { circuitBreakerCases } from "./circuit-breaker-cases.ts";
import { healthCheckCases } from "./health-check-cases.ts";
import { http2UpstreamCases } from "./http2-upstream-cases.ts";
import { mirrorCases } from "./mirror-cases.ts";

export const forwardingCases: readonly CaseFile[] = [
  ...mirrorCases,
  ...circuitBreakerCases,
  ...healthCheckCases,
  ...http2UpstreamCases,
];
