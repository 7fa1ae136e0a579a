/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/request_id/uuid/v3/uuid.proto */

export interface UuidRequestIdConfig {
  readonly type: "UuidRequestIdConfig";
  /** Absent: true. */
  readonly packTraceReason?: boolean;
  /** Absent: true. */
  readonly useRequestIdForTraceSampling?: boolean;
}
