/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-runtimefeatureflag */
import type { Decoder } from "./decode/decoder.ts";
import { required } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { bool, string } from "./decode/scalars.ts";

export interface RuntimeFeatureFlag {
  readonly defaultValue: boolean;
  readonly runtimeKey: string;
}

export const runtimeFeatureFlag: Decoder<RuntimeFeatureFlag> = message<RuntimeFeatureFlag>(
  "envoy.config.core.v3.RuntimeFeatureFlag",
  { defaultValue: required(bool()), runtimeKey: required(string({ minLen: 1 })) },
);
