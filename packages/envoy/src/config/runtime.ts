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
  {
    check({ layers }, at, node) {
      const refuse = (message: string, envoyMessage = message): void =>
        at.field("layers").add("bootstrap-rules", node.at, message, envoyMessage);
      const names = new Set<string>();
      for (const { name, staticLayer = {} } of layers) {
        if (names.has(name)) refuse(`Duplicate layer name: ${name}`);
        names.add(name);
        const invalid = invalidEntry(staticLayer, "");
        if (invalid !== undefined) refuse(`Invalid runtime entry value for ${invalid}`);
      }
      if (layers.filter(({ adminLayer }) => adminLayer !== undefined).length > 1)
        refuse("Too many admin layers specified in LayeredRuntime, at most one may be specified");
    },
  },
);

/** The key of a list or a null, which are no values of runtime keys. */
function invalidEntry(value: unknown, key: string): string | undefined {
  if (Array.isArray(value) || value === null) return key;
  if (typeof value !== "object" || isFraction(value)) return undefined;
  for (const [name, inner] of Object.entries(value as Struct)) {
    const found = invalidEntry(inner, key === "" ? name : `${key}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A FractionalPercent is one value. */
function isFraction(value: object): boolean {
  return "numerator" in value || "denominator" in value;
}
