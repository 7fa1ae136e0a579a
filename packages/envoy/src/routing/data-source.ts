/** Bodies that the file gives inline, by file name or by environment variable; read once, at start. */
import { readFileSync } from "node:fs";
import type { DataSource } from "../config/data-source.ts";

export function readDataSource(
  source: DataSource | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Buffer {
  if (source === undefined) return Buffer.alloc(0);
  if (source.inlineString !== undefined) return Buffer.from(source.inlineString);
  if (source.inlineBytes !== undefined) return Buffer.from(source.inlineBytes);
  if (source.filename !== undefined) return readFileSync(source.filename);
  return Buffer.from(env[source.environmentVariable ?? ""] ?? "");
}
