/** Books in a SQLite file, so that what a person changes there is what the page shows. */
import { openDatabase } from "@tracemesh/service-kit";

/** The JSON of the public sample's details service, key for key. */
export interface BookDetails {
  readonly id: number;
  readonly author: string;
  readonly year: number;
  readonly type: string;
  readonly pages: number;
  readonly publisher: string;
  readonly language: string;
  readonly "ISBN-10": string;
  readonly "ISBN-13": string;
}

export interface BookStore {
  find(id: number): BookDetails | undefined;
  close(): void;
}

/** Opens `file` (":memory:" keeps nothing) and fills it from seed.sql where a row is missing. */
export function openBookStore(file: string): BookStore {
  const database = openDatabase(file, new URL("./seed.sql", import.meta.url));
  const byId = database.prepare(
    `SELECT id, author, year, type, pages, publisher, language, isbn10 AS "ISBN-10", isbn13 AS "ISBN-13"
     FROM book WHERE id = ?`,
  );
  return {
    // node:sqlite rows have no prototype: copied into a plain object.
    find: (id) => {
      const row = byId.get(id);
      return row && ({ ...row } as unknown as BookDetails);
    },
    close: () => database.close(),
  };
}
