import type { DatabaseSync } from "node:sqlite";

/** Raised with every change of the tables below. */
const VERSION = 1;

const tables = `
CREATE TABLE span (
  low TEXT NOT NULL,      -- right 16 digits of the trace id
  time INTEGER NOT NULL,  -- milliseconds, 0 when the span has no timestamp
  json TEXT NOT NULL,
  UNIQUE (low, json)
);
CREATE INDEX span_time ON span (time, low);
CREATE TABLE trace (low TEXT PRIMARY KEY, oldest INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX trace_oldest ON trace (oldest, low);
CREATE TABLE trace_service (
  service TEXT NOT NULL, low TEXT NOT NULL, PRIMARY KEY (service, low)
) WITHOUT ROWID;
CREATE INDEX trace_service_low ON trace_service (low);
CREATE TABLE span_name (
  service TEXT NOT NULL, remote INTEGER NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY (service, remote, name)
) WITHOUT ROWID;
CREATE TABLE autocomplete (
  key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (key, value)
) WITHOUT ROWID;
PRAGMA user_version = ${VERSION};
`;

/** Creates the tables, or makes sure that they are the ones this version writes. */
export function migrate(database: DatabaseSync, file: string): void {
  // NORMAL: a killed process loses nothing; a power cut may lose the last moments, never the file.
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000",
  );
  const version = database.prepare("PRAGMA user_version").get()?.["user_version"];
  if (version === VERSION) return;
  if (version !== 0) {
    throw new Error(`${file}: its tables are version ${version}, this program writes ${VERSION}`);
  }
  database.exec(`BEGIN; ${tables} COMMIT`);
}
