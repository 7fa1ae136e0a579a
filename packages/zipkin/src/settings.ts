type Environment = Readonly<Record<string, string | undefined>>;

/** What the real server's environment variables say. */
export interface Settings {
  readonly port: number;
  readonly storageType: "mem" | "sqlite";
  readonly sqliteFile: string;
  readonly maxSpans: number;
  readonly maxBytes: number;
  readonly strictTraceId: boolean;
  readonly searchEnabled: boolean;
  readonly autocompleteKeys: readonly string[];
  readonly sampleRate: number;
  readonly httpCollectorEnabled: boolean;
  readonly queryEnabled: boolean;
  /** Milliseconds. */
  readonly lookback: number;
  readonly allowedOrigins: readonly string[];
  /** A second listener for Jaeger clients; undefined for none. */
  readonly jaegerPort: number | undefined;
  readonly ui: UiSettings;
}

export interface UiSettings {
  readonly enabled: boolean;
  /** Folder of static files; undefined for the built-in page. */
  readonly folder: string | undefined;
  readonly basePath: string;
  readonly environment: string;
  readonly queryLimit: number;
  readonly defaultLookback: number;
  readonly logsUrl: string | null;
  readonly supportUrl: string | null;
  readonly archivePostUrl: string | null;
  readonly archiveUrl: string | null;
  readonly dependencyEnabled: boolean;
  readonly lowErrorRate: number;
  readonly highErrorRate: number;
}

/** Every problem found, one a line. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

export function readSettings(env: Environment): Settings {
  const reader = new EnvironmentReader(env);
  const settings: Settings = {
    port: reader.integer("QUERY_PORT", 9411, 0, 65535),
    storageType: reader.storageType(),
    sqliteFile: reader.text("SQLITE_FILE") ?? "zipkin.sqlite",
    maxSpans: reader.integer("MEM_MAX_SPANS", 500_000, 1, 100_000_000),
    maxBytes: reader.bytes("MEM_MAX_BYTES", 512 * 1024 * 1024),
    strictTraceId: reader.boolean("STRICT_TRACE_ID", true),
    searchEnabled: reader.boolean("SEARCH_ENABLED", true),
    autocompleteKeys: reader.list("AUTOCOMPLETE_KEYS"),
    sampleRate: reader.fraction("COLLECTOR_SAMPLE_RATE", 1),
    httpCollectorEnabled: reader.boolean("COLLECTOR_HTTP_ENABLED", true),
    queryEnabled: reader.boolean("QUERY_ENABLED", true),
    lookback: reader.integer("QUERY_LOOKBACK", 86_400_000, 1, Number.MAX_SAFE_INTEGER),
    allowedOrigins: reader.list("ZIPKIN_QUERY_ALLOWED_ORIGINS", ["*"]),
    jaegerPort: reader.optionalPort("COLLECTOR_JAEGER_PORT"),
    ui: readUiSettings(reader),
  };
  if (reader.problems.length > 0) throw new SettingsError(reader.problems.join("\n"));
  return settings;
}

function readUiSettings(reader: EnvironmentReader): UiSettings {
  return {
    enabled: reader.boolean("UI_ENABLED", true),
    folder: reader.text("ZIPKIN_UI_DIR"),
    basePath: reader.text("ZIPKIN_UI_BASEPATH") ?? "/zipkin",
    environment: reader.text("ZIPKIN_UI_ENVIRONMENT") ?? "",
    queryLimit: reader.integer("ZIPKIN_UI_QUERY_LIMIT", 10, 1, 100_000),
    defaultLookback: reader.integer(
      "ZIPKIN_UI_DEFAULT_LOOKBACK",
      900_000,
      1,
      Number.MAX_SAFE_INTEGER,
    ),
    logsUrl: reader.text("ZIPKIN_UI_LOGS_URL") ?? null,
    supportUrl: reader.text("ZIPKIN_UI_SUPPORT_URL") ?? null,
    archivePostUrl: reader.text("ZIPKIN_UI_ARCHIVE_POST_URL") ?? null,
    archiveUrl: reader.text("ZIPKIN_UI_ARCHIVE_URL") ?? null,
    dependencyEnabled: reader.boolean("ZIPKIN_UI_DEPENDENCY_ENABLED", true),
    lowErrorRate: reader.fraction("ZIPKIN_UI_DEPENDENCY_LOW_ERROR_RATE", 0.5),
    highErrorRate: reader.fraction("ZIPKIN_UI_DEPENDENCY_HIGH_ERROR_RATE", 0.75),
  };
}

/** Collects problems instead of stopping at the first. An empty variable counts as unset. */
class EnvironmentReader {
  readonly problems: string[] = [];
  private readonly env: Environment;

  constructor(env: Environment) {
    this.env = env;
  }

  text(name: string): string | undefined {
    const value = this.env[name];
    return value === undefined || value.trim() === "" ? undefined : value.trim();
  }

  list(name: string, fallback: readonly string[] = []): readonly string[] {
    const text = this.text(name);
    if (text === undefined) return fallback;
    return text.split(",").flatMap((item) => (item.trim() === "" ? [] : [item.trim()]));
  }

  boolean(name: string, fallback: boolean): boolean {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined) return fallback;
    if (text === "true" || text === "false") return text === "true";
    this.problem(name, "true or false");
    return fallback;
  }

  integer(name: string, fallback: number, min: number, max: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    this.problem(name, `a whole number from ${min} to ${max}`);
    return fallback;
  }

  optionalPort(name: string): number | undefined {
    return this.text(name) === undefined ? undefined : this.integer(name, 0, 0, 65535);
  }

  fraction(name: string, fallback: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (value >= 0 && value <= 1) return value;
    this.problem(name, "a number from 0 to 1");
    return fallback;
  }

  bytes(name: string, fallback: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const match = /^(\d+)([kmg]?)$/i.exec(text);
    const scale = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[match?.[2]?.toLowerCase() ?? ""];
    const value = Number(match?.[1]) * (scale ?? Number.NaN);
    if (value >= 1024 ** 2 && value <= 16 * 1024 ** 3) return value;
    this.problem(name, "a number of bytes from 1m to 16g, as 268435456 or 256m");
    return fallback;
  }

  storageType(): "mem" | "sqlite" {
    const text = this.text("STORAGE_TYPE") ?? "mem";
    if (text === "mem" || text === "sqlite") return text;
    this.problem(
      "STORAGE_TYPE",
      "mem or sqlite here; for more use the real Zipkin, docs/zipkin.md",
    );
    return "mem";
  }

  private problem(name: string, allowed: string): void {
    this.problems.push(`${name}=${JSON.stringify(this.env[name])}: allowed is ${allowed}`);
  }
}
