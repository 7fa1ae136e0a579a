CREATE TABLE IF NOT EXISTS book (
  id INTEGER PRIMARY KEY,
  author TEXT NOT NULL,
  year INTEGER NOT NULL,
  type TEXT NOT NULL,
  pages INTEGER NOT NULL,
  publisher TEXT NOT NULL,
  language TEXT NOT NULL,
  isbn10 TEXT NOT NULL,
  isbn13 TEXT NOT NULL
) STRICT;

INSERT OR IGNORE INTO book VALUES
  (0, 'William Shakespeare', 1595, 'paperback', 200, 'PublisherA', 'English', '1234567890', '123-1234567890');
