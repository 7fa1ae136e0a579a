import type { Decoder } from "./decoder.ts";
import type { Variables } from "./interpolation.ts";
import type { Located } from "./located-yaml.ts";

/** `environment` as a list of `NAME=value` or as a mapping; a name without a value is taken from the caller's shell. */
export function decodeEnvironment(
  decoder: Decoder,
  node: Located,
  variables: Variables,
): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {};
  const set = (name: string, value: string | undefined): void => {
    if (value !== undefined) environment[name] = value;
  };
  if (node.kind === "list") {
    for (const item of node.items) {
      const text = decoder.string(item);
      if (text === undefined) continue;
      const equals = text.indexOf("=");
      if (equals === 0) decoder.fail(item, `"NAME=value" is expected, got ${JSON.stringify(text)}`);
      else if (equals === -1) set(text, variables(text));
      else set(text.slice(0, equals), text.slice(equals + 1));
    }
    return environment;
  }
  for (const [name, value] of decoder.map(node)?.entries ?? []) {
    if (value.kind !== "scalar") decoder.expected(value, "a string, number or boolean");
    else set(name, value.value === null ? variables(name) : String(value.value));
  }
  return environment;
}
