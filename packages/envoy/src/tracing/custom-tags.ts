/** Span tags out of the configuration, compiled once. https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/tracing/v3/custom_tag.proto */
import type { CustomTag } from "../config/custom-tag.ts";
import type { MetadataKey, MetadataKind } from "../config/metadata.ts";
import { compileTextFormat } from "../formatter/compile-format.ts";
import { readMetadata } from "../formatter/metadata-value.ts";
import { structJson } from "../formatter/struct-json.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import { headerText } from "./header-text.ts";

export interface CompiledTag {
  readonly tag: string;
  /** Undefined: the source is missing and has no default, so there is no tag. */
  value(info: StreamInfo): string | undefined;
}

/** Tags of one level; a name given twice counts once, as the first says. */
export function compileCustomTags(
  tags: readonly CustomTag[],
  environment: Readonly<Record<string, string | undefined>>,
): readonly CompiledTag[] {
  return mergeCustomTags(
    [],
    tags.toReversed().map((tag) => compileTag(tag, environment)),
  );
}

/** The route's tags over the connection manager's: same name replaced, others kept. */
export function mergeCustomTags(
  base: readonly CompiledTag[],
  over: readonly CompiledTag[],
): readonly CompiledTag[] {
  const merged = new Map(base.map((tag) => [tag.tag, tag]));
  for (const tag of over) merged.set(tag.tag, tag);
  return [...merged.values()];
}

function compileTag(
  config: CustomTag,
  environment: Readonly<Record<string, string | undefined>>,
): CompiledTag {
  const { tag } = config;
  if (config.literal !== undefined) return fixed(tag, config.literal.value);
  if (config.environment !== undefined) {
    const { name, defaultValue } = config.environment;
    return fixed(tag, environment[name] ?? defaultValue);
  }
  if (config.requestHeader !== undefined) {
    const { name, defaultValue } = config.requestHeader;
    const lower = name.toLowerCase();
    return {
      tag,
      value: (info) => {
        const value = info.requestHeaders.get(lower);
        return value === undefined ? nonEmpty(defaultValue) : headerText(value);
      },
    };
  }
  if (config.metadata !== undefined) return metadataTag(tag, config.metadata);
  const format = compileTextFormat(config.value ?? "");
  return { tag, value: (info) => nonEmpty(format(info)) };
}

function metadataTag(tag: string, metadata: NonNullable<CustomTag["metadata"]>): CompiledTag {
  const { key, path } = metadata.metadataKey ?? ({ key: "", path: [] } satisfies MetadataKey);
  const steps = path.map((step) => step.key);
  return {
    tag,
    value: (info) => {
      const found = readMetadata(metadataOf(info, metadata.kind), key, steps);
      return found === undefined ? nonEmpty(metadata.defaultValue) : tagText(found);
    },
  };
}

function metadataOf(
  info: StreamInfo,
  kind: MetadataKind | undefined,
): Readonly<Record<string, unknown>> | undefined {
  if (kind?.route !== undefined) return info.routeMetadata;
  if (kind?.cluster !== undefined) return info.clusterMetadata;
  if (kind?.host !== undefined) return info.upstream?.host?.metadata;
  return info.dynamicMetadata;
}

function tagText(value: unknown): string {
  return typeof value === "string" ? value : structJson(value);
}

function fixed(tag: string, value: string | undefined): CompiledTag {
  const present = nonEmpty(value);
  return { tag, value: () => present };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}
