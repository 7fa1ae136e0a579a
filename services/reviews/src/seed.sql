CREATE TABLE IF NOT EXISTS review (
  product_id TEXT NOT NULL,
  reviewer TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (product_id, reviewer)
) STRICT;

INSERT INTO review
SELECT * FROM (VALUES
  ('0', 'Reviewer1', 'Two pairs of twins, one day in Ephesus and not a dull scene: the funniest hour of the season.'),
  ('0', 'Reviewer2', 'Light next to the later plays, but the mistaken identities still work on every audience.'))
WHERE NOT EXISTS (SELECT 1 FROM review);
