/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/v3/token_bucket.proto */
import type { Decoder } from "./decode/decoder.ts";
import { duration } from "./decode/duration.ts";
import { optional, required, withDefault } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { uint32 } from "./decode/scalars.ts";

export interface TokenBucket {
  readonly maxTokens: number;
  /** Absent: 1. */
  readonly tokensPerFill?: number;
  readonly fillIntervalMs: number;
}

export const tokenBucket: Decoder<TokenBucket> = message<TokenBucket>("envoy.type.v3.TokenBucket", {
  maxTokens: withDefault(uint32(), 0),
  tokensPerFill: optional(uint32({ gt: 0 })),
  fillIntervalMs: required(duration({ gt: 0 })),
});
