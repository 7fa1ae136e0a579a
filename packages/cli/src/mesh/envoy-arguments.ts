/** The flags of `tracemesh envoy` that a mesh uses. */
export interface EnvoyArguments {
  readonly configPath?: string;
  readonly configYaml?: string;
  readonly serviceCluster?: string;
  readonly serviceNode?: string;
  readonly concurrency?: number;
  readonly logLevel?: string;
  readonly drainTimeSeconds?: number;
}

const names = {
  "-c": "configPath",
  "--config-path": "configPath",
  "--config-yaml": "configYaml",
  "--service-cluster": "serviceCluster",
  "--service-node": "serviceNode",
  "--concurrency": "concurrency",
  "-l": "logLevel",
  "--log-level": "logLevel",
  "--drain-time-s": "drainTimeSeconds",
} as const satisfies Readonly<Record<string, keyof EnvoyArguments>>;

/** Reads `-c FILE --service-cluster X --concurrency=1 …`. Throws an Error that names what is allowed. */
export function parseEnvoyArguments(words: readonly string[]): EnvoyArguments {
  const found: Record<string, string | number> = {};
  for (let at = 0; at < words.length; at += 1) {
    const [flag, inline] = splitFlag(words[at] ?? "");
    const key = isName(flag) ? names[flag] : undefined;
    if (key === undefined) {
      throw new Error(
        `unknown option "${words[at]}"; allowed are ${Object.keys(names).join(", ")}`,
      );
    }
    const value = inline ?? words[++at];
    if (value === undefined) throw new Error(`the option ${flag} needs a value`);
    const numeric = key === "concurrency" || key === "drainTimeSeconds";
    if (numeric && !/^\d+$/.test(value)) {
      throw new Error(`the option ${flag} needs a whole number, got "${value}"`);
    }
    found[key] = numeric ? Number(value) : value;
  }
  if (found["configPath"] === undefined && found["configYaml"] === undefined) {
    throw new Error("-c FILE or --config-yaml is missing");
  }
  return found;
}

function splitFlag(word: string): readonly [string, string | undefined] {
  const equals = word.startsWith("--") ? word.indexOf("=") : -1;
  return equals === -1 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}

function isName(flag: string): flag is keyof typeof names {
  return Object.hasOwn(names, flag);
}
