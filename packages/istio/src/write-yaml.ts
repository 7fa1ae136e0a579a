import { stringify } from "yaml";
import type { JsonObject } from "./render/json.ts";

/** Strings in quotes: Envoy reads YAML 1.1, where a bare `no` is a boolean. */
export function writeYaml(bootstrap: JsonObject): string {
  return stringify(bootstrap, {
    aliasDuplicateObjects: false,
    defaultKeyType: "PLAIN",
    defaultStringType: "QUOTE_DOUBLE",
    lineWidth: 0,
  });
}
