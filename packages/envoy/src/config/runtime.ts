/** https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/runtime */
import type { Decoder } from "./decode/decoder.ts";
import { optional, repeated, required } from "./decode/field.ts";
import { empty, message } from "./decode/message.ts";
import { string } from "./decode/scalars.ts";
import { struct } from "./decode/struct.ts";
import type { Empty, Struct } from "./extension.ts";

export interface LayeredRuntime {
  /** Later layers win. */
  readonly layers: readonly RuntimeLayer[];
}

/** One of staticLayer and adminLayer is present. */
export interface RuntimeLayer {
  readonly name: string;
  readonly staticLayer?: Struct;
  /** Changed over POST /runtime_modify. */
  readonly adminLayer?: Empty;
}

const layerName = "envoy.config.bootstrap.v3.RuntimeLayer";

const runtimeLayer: Decoder<RuntimeLayer> = message<RuntimeLayer>(
  layerName,
  {
    name: required(string({ minLen: 1 })),
    staticLayer: optional(struct()),
    adminLayer: optional(empty(`${layerName}.AdminLayer`)),
  },
  {
    oneofs: [{ name: "layer_specifier", fields: ["static_layer", "admin_layer"], required: true }],
    unsupported: {
      disk_layer: "runtime layers on disk",
      rtds_layer: "runtime discovery (dynamic configuration)",
    },
  },
);

export const layeredRuntime: Decoder<LayeredRuntime> = message<LayeredRuntime>(
  "envoy.config.bootstrap.v3.LayeredRuntime",
  { layers: repeated(runtimeLayer) },
);
