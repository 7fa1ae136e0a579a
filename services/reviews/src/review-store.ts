/** Reviews of a product, in a SQLite file. */
import { openDatabase } from "@tracemesh/service-kit";

export interface Review {
  readonly reviewer: string;
  readonly text: string;
}

export interface ReviewStore {
  find(productId: string): readonly Review[];
  close(): void;
}

/** Opens `file` (":memory:" keeps nothing); an empty file gets the rows of seed.sql. */
export function openReviewStore(file: string): ReviewStore {
  const database = openDatabase(file, new URL("./seed.sql", import.meta.url));
  const byProduct = database.prepare(
    "SELECT reviewer, text FROM review WHERE product_id = ? ORDER BY rowid",
  );
  return {
    find: (productId) =>
      byProduct
        .all(productId)
        .map((row) => ({ reviewer: String(row["reviewer"]), text: String(row["text"]) })),
    close: () => database.close(),
  };
}
