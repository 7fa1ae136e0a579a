/** Texts that the file gives inline, by file name or by environment variable; read once, at start. */
import { readFileSync } from "node:fs";
import type { DataSource } from "../config/data-source.ts";

/** Throws in Envoy's words where there is no such file or variable. */
export function readDataSource(
  source: DataSource | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Buffer {
  if (source === undefined) return Buffer.alloc(0);
  const { inlineString, inlineBytes, filename, environmentVariable = "" } = source;
  if (inlineString !== undefined) return Buffer.from(inlineString);
  if (inlineBytes !== undefined) return Buffer.from(inlineBytes);
  if (filename !== undefined) return readFile(filename);
  const value = env[environmentVariable];
  if (value === undefined)
    throw new Error(`Environment variable doesn't exist: ${environmentVariable}`);
  return Buffer.from(value);
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new Error(`Invalid path: ${path}`, { cause });
  }
}
