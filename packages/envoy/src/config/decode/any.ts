/**
 * google.protobuf.Any and the extensions in it: found by "@type", as Envoy does; TypedStruct and the name are its older ways.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/overview/extension
 */
import { type Decoder, type MessageShape, received, type Shape } from "./decoder.ts";
import { featureOf, isKnownType } from "./known-types.ts";
import type { MessageDecoder } from "./message.ts";
import type { Scope } from "./scope.ts";
import type { ConfigNode, MapEntry, MapNode } from "./yaml-tree.ts";

/** Decoders of one category of extensions, by full message name. */
export type Registry<Config> = Readonly<Record<string, MessageDecoder<Config>>>;

export interface AnyOptions {
  /** For the page, such as `http filter`. */
  readonly category: string;
  /** Packages of such extensions: another message of theirs is a feature missing here, any other type a mistake. */
  readonly packages: readonly string[];
  /** Messages of those packages that have no business here: a mistake all the same. */
  readonly strangers?: readonly string[];
}

/** An Any without its wrapper, as in maps of per-filter configuration. */
export interface DecodedAny<Config> {
  readonly typeUrl: string;
  readonly config: Config;
}

const typedStructs: ReadonlySet<string> = new Set([
  "xds.type.v3.TypedStruct",
  "udpa.type.v1.TypedStruct",
]);

export function any<Config>(
  registry: () => Registry<Config>,
  options: AnyOptions,
): Decoder<DecodedAny<Config>> {
  const { category } = options;
  return {
    shape: anyShape(category, registry),
    absentRule: "value is required",
    decode(node, at) {
      const typed = typeOf(node, at);
      if (typed === undefined) return undefined;
      const { typeName, typeUrl, body, at: inside } = typed;
      const decoder = Object.hasOwn(registry(), typeName) ? registry()[typeName] : undefined;
      if (decoder === undefined) {
        reportUnregistered(typed, options, node, Object.keys(registry()));

        return undefined;
      }
      const config = decoder.decode(body, inside.any(typeName));
      return config === undefined ? undefined : { typeUrl, config };
    },
  };
}

function anyShape<Config>(category: string, registry: () => Registry<Config>): Shape {
  const types = (): MessageShape[] => Object.values(registry()).map(({ shape }) => shape);
  return { kind: "any", category, types };
}

interface TypedBody {
  readonly typeName: string;
  readonly typeUrl: string;
  readonly body: ConfigNode;
  readonly at: Scope;
}

function typeOf(node: ConfigNode, at: Scope): TypedBody | undefined {
  if (node.kind !== "map") {
    const message = `expected a map with "@type", received ${received(node)}`;
    at.malformed(node, "message google.protobuf.Any", "expected '{'", message);
    return undefined;
  }
  const type = entryOf(node, "@type");
  if (type === undefined) {
    if (node.entries.length === 0) reportUntyped(node, at, at.extensionName);
    else {
      const reason = "in legacy mode, missing @type in Any is only allowed for an empty object";
      at.malformed(node, "message google.protobuf.Any", reason, 'the map has no "@type"');
    }
    return undefined;
  }
  const typeUrl = type.value.kind === "scalar" ? type.value.text : "";
  const slash = typeUrl.lastIndexOf("/");
  if (slash <= 0) {
    at.field("@type").add(
      "parse",
      type.value.at,
      `expected a type URL such as type.googleapis.com/package.Message, received ${received(type.value)}`,
      `Unable to parse JSON as proto (INVALID_ARGUMENT: @type must contain at least one / and a nonempty host; got: ${typeUrl})`,
    );
    return undefined;
  }
  const typeName = typeUrl.slice(slash + 1);
  if (!typedStructs.has(typeName)) return { typeName, typeUrl, body: node, at };
  return unwrapTypedStruct(node, at);
}

/** {"@type": ".../TypedStruct", type_url, value}: the message of type_url, spelled as a Struct. */
function unwrapTypedStruct(node: MapNode, at: Scope): TypedBody | undefined {
  const type = entryOf(node, "type_url") ?? entryOf(node, "typeUrl");
  if (type === undefined || type.value.kind !== "scalar") {
    at.field("type_url").violation(node.at, "value is required", "a TypedStruct needs a type_url");
    return undefined;
  }
  const typeUrl = type.value.text;
  const value = entryOf(node, "value")?.value;
  return {
    typeName: typeUrl.slice(typeUrl.lastIndexOf("/") + 1),
    typeUrl,
    body: value ?? { kind: "map", at: node.at, entries: [] },
    at: at.field("value"),
  };
}

/** Nothing says which type: Envoy reports it when it looks for the implementation. */
export function reportUntyped(node: ConfigNode, at: Scope, name: string): void {
  const message = `typed_config with "@type" is missing for ${JSON.stringify(name)}`;
  at.add("listeners", node.at, message, notRegistered(name, ""));
}

function reportUnregistered(
  { typeName, typeUrl, at }: TypedBody,
  { category, packages, strangers = [] }: AnyOptions,
  node: ConfigNode,
  supported: readonly string[],
): void {
  const type = node.kind === "map" ? entryOf(node, "@type") : undefined;
  const place = type?.value.at ?? node.at;
  const allowed = `supported as ${category}: ${supported.map(shortType).join(", ")}`;
  const inside = at.field("@type");
  if (!isKnownType(typeName)) {
    const message = `unknown to Envoy: no type is called ${typeName}; ${allowed}`;
    const envoyMessage = `Unable to parse JSON as proto (INVALID_ARGUMENT: could not find @type '${typeUrl}')`;
    inside.add("parse", place, message, envoyMessage);
  } else if (
    packages.some((prefix) => typeName.startsWith(prefix)) &&
    !strangers.includes(typeName)
  ) {
    const feature = featureOf(typeName, category);
    inside.unsupported(
      place,
      `known to Envoy but not supported here: ${feature} (${typeName}); ${allowed}`,
    );
  } else {
    const message = `${typeName} is no ${category}; ${allowed}`;
    inside.add("listeners", place, message, notRegistered(at.extensionName, typeName));
  }
}

function notRegistered(name: string, typeUrl: string): string {
  return `Didn't find a registered implementation for '${name}' with type URL: '${typeUrl}'`;
}

function shortType(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

function entryOf(node: MapNode, key: string): MapEntry | undefined {
  return node.entries.find((entry) => entry.key === key);
}

/** The text of a message's `name` field, for error messages. */
export function nameIn(node: ConfigNode): string {
  if (node.kind !== "map") return "";
  const value = entryOf(node, "name")?.value;
  return value?.kind === "scalar" ? value.text : "";
}
