/** Where something listens or answers. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/address.proto */

/** A socket address; `address` is an IP literal for listeners, an IP literal or a host name for endpoints. */
export interface Address {
  readonly address: string;
  readonly portValue: number;
}

/** A range such as 10.0.0.0/8; both families. */
export interface CidrRange {
  readonly addressPrefix: string;
  readonly prefixLen: number;
}
