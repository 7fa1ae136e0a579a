/** Shares of traffic. https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/v3/percent.proto */
import type { Decoder } from "./decode/decoder.ts";
import { enumeration } from "./decode/enumeration.ts";
import { optional, required, withDefault } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { double, string, uint32 } from "./decode/scalars.ts";

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

export const fractionalPercent: Decoder<FractionalPercent> = message<FractionalPercent>(
  "envoy.type.v3.FractionalPercent",
  {
    numerator: withDefault(uint32(), 0),
    denominator: withDefault(
      enumeration<Denominator>("envoy.type.v3.FractionalPercent.DenominatorType", {
        HUNDRED: 0,
        TEN_THOUSAND: 1,
        MILLION: 2,
      }),
      "HUNDRED",
    ),
  },
);

export const runtimeFractionalPercent: Decoder<RuntimeFractionalPercent> =
  message<RuntimeFractionalPercent>("envoy.config.core.v3.RuntimeFractionalPercent", {
    defaultValue: required(fractionalPercent),
    runtimeKey: optional(string()),
  });

const percentMessage: Decoder<{ readonly value: number }> = message<{ readonly value: number }>(
  "envoy.type.v3.Percent",
  { value: withDefault(double({ gte: 0, lte: 100 }), 0) },
);

export const percent: Decoder<Percent> = {
  ...percentMessage,
  decode: (node, at) => percentMessage.decode(node, at)?.value,
};
