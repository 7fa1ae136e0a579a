CREATE TABLE IF NOT EXISTS rating (
  product_id INTEGER NOT NULL,
  reviewer TEXT NOT NULL,
  stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
  PRIMARY KEY (product_id, reviewer)
) STRICT;

INSERT INTO rating
SELECT * FROM (VALUES (0, 'Reviewer1', 5), (0, 'Reviewer2', 4))
WHERE NOT EXISTS (SELECT 1 FROM rating);
