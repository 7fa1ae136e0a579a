/** What a data source holds: read once, when the file is loaded. */
import { readFileSync } from "node:fs";
import type { DataSource } from "./data-source.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Undefined where there is nothing: no source, no such file, no such variable. */
export function dataSourceBytes(
  source: DataSource | undefined,
  env: Environment,
): Buffer | undefined {
  if (source?.inlineString !== undefined) return Buffer.from(source.inlineString);
  if (source?.inlineBytes !== undefined) return Buffer.from(source.inlineBytes);
  if (source?.filename !== undefined) return readIfThere(source.filename);
  const value = env[source?.environmentVariable ?? ""];
  return value === undefined ? undefined : Buffer.from(value);
}

/** How Envoy's messages call it. */
export function dataSourceName(source: DataSource | undefined): string {
  return source?.filename ?? "<inline>";
}

function readIfThere(filename: string): Buffer | undefined {
  try {
    return readFileSync(filename);
  } catch {
    // Missing or unreadable: the caller says what it was wanted for.
    return undefined;
  }
}
