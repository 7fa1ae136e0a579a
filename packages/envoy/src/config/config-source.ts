/** Where configuration comes from: a file. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/config_source.proto */
import type { Decoder } from "./decode/decoder.ts";
import { optional, required } from "./decode/field.ts";
import { message } from "./decode/message.ts";
import { string } from "./decode/scalars.ts";

/** One of path and pathConfigSource is present. */
export interface ConfigSource {
  /** The older way to say it. */
  readonly path?: string;
  readonly pathConfigSource?: PathConfigSource;
}

export interface PathConfigSource {
  readonly path: string;
  /** A folder whose changes count as well: that is how Kubernetes swaps the files of a ConfigMap. */
  readonly watchedDirectory?: { readonly path: string };
}

const fromServers = "dynamic configuration from servers (xDS)";

const watchedDirectory = message<{ readonly path: string }>(
  "envoy.config.core.v3.WatchedDirectory",
  { path: required(string({ minLen: 1 })) },
);

const pathConfigSource: Decoder<PathConfigSource> = message<PathConfigSource>(
  "envoy.config.core.v3.PathConfigSource",
  { path: required(string({ minLen: 1 })), watchedDirectory: optional(watchedDirectory) },
  { unsupported: { poll_interval: "looking at files now and then instead of watching them" } },
);

export const configSource: Decoder<ConfigSource> = message<ConfigSource>(
  "envoy.config.core.v3.ConfigSource",
  { path: optional(string()), pathConfigSource: optional(pathConfigSource) },
  {
    oneofs: [
      {
        name: "config_source_specifier",
        fields: ["path", "path_config_source"],
        required: true,
      },
    ],
    accepted: {
      initial_fetch_timeout: "files are there at once",
      resource_api_version: "there is only v3",
    },
    unsupported: {
      api_config_source: fromServers,
      ads: fromServers,
      self: fromServers,
      authorities: fromServers,
    },
  },
);

export function pathOf({ path, pathConfigSource: source }: ConfigSource): string {
  return source?.path ?? path ?? "";
}
