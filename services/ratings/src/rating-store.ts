/** Stars that reviewers gave, in a SQLite file. */
import { openDatabase } from "@tracemesh/service-kit";

/** Reviewer -> stars (1 to 5). */
export type Ratings = Readonly<Record<string, number>>;

export interface RatingStore {
  find(productId: number): Ratings;
  /** Replaces all ratings of the product. */
  replace(productId: number, ratings: Ratings): void;
  close(): void;
}

/** Opens `file` (":memory:" keeps nothing); an empty file gets the rows of seed.sql. */
export function openRatingStore(file: string): RatingStore {
  const database = openDatabase(file, new URL("./seed.sql", import.meta.url));
  const byProduct = database.prepare(
    "SELECT reviewer, stars FROM rating WHERE product_id = ? ORDER BY rowid",
  );
  const remove = database.prepare("DELETE FROM rating WHERE product_id = ?");
  const insert = database.prepare("INSERT INTO rating VALUES (?, ?, ?)");
  return {
    find: (productId) =>
      Object.fromEntries(
        byProduct.all(productId).map((row) => [String(row["reviewer"]), Number(row["stars"])]),
      ),
    replace: (productId, ratings) => {
      database.exec("BEGIN IMMEDIATE");
      try {
        remove.run(productId);
        for (const [reviewer, stars] of Object.entries(ratings))
          insert.run(productId, reviewer, stars);
        database.exec("COMMIT");
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
    close: () => database.close(),
  };
}
