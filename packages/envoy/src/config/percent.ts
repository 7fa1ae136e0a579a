/** Shares of traffic. https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/v3/percent.proto */

export type Denominator = "HUNDRED" | "TEN_THOUSAND" | "MILLION";

/** numerator out of 100, 10 000 or 1 000 000. */
export interface FractionalPercent {
  readonly numerator: number;
  readonly denominator: Denominator;
}

/** A share which the runtime key, when set, replaces. */
export interface RuntimeFractionalPercent {
  readonly defaultValue: FractionalPercent;
  readonly runtimeKey?: string;
}

/** 0..100 with decimals. (type.v3.Percent) */
export type Percent = number;
