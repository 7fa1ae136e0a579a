/** A SQLite file of a demo service: made and seeded on first use, kept afterwards. */
import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Opens `file` (":memory:" keeps nothing) and runs the SQL at `seed`, which must be harmless on a file that is filled already.
 * Throws with the file's name where it cannot be opened.
 */
export function openDatabase(file: string, seed: URL): DatabaseSync {
  try {
    if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true });
    // Another process may hold the file for the moment of its own seeding: wait, do not fail (ms).
    const database = new DatabaseSync(file, { timeout: 5000 });
    database.exec(readFileSync(seed, "utf8"));
    return database;
  } catch (cause) {
    throw new Error(`cannot open the database ${file}: ${(cause as Error).message}`, { cause });
  }
}
