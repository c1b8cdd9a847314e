-- +goose Up
-- A posting is one number, its place in the list of its term: how far its
-- weight is below the greatest, in steps of 1/65536, and then the submission in
-- the lower 40 bits. So the heaviest come first, the earliest of equals first,
-- and a list is read from the primary key alone. Nothing refers to submissions
-- here: none is ever deleted, and checking each row would cost more than
-- writing it.
CREATE TABLE postings_by_place (
  term integer NOT NULL,
  place integer NOT NULL CHECK (place > 0),
  PRIMARY KEY (term, place)
) STRICT, WITHOUT ROWID;
INSERT INTO postings_by_place (term, place)
  SELECT term, ((8388607 - CAST(round(min(weight, 127.0) * 65536) AS integer)) << 40) + submission_id FROM postings ORDER BY 1, 2;
DROP TABLE postings;
ALTER TABLE postings_by_place RENAME TO postings;

-- What tells copies of a text from others: of equal ones only the first has
-- postings and is counted. Empty for texts without words.
ALTER TABLE signatures ADD COLUMN fingerprint integer;
CREATE INDEX signatures_fingerprint ON signatures (fingerprint) WHERE fingerprint IS NOT NULL;

-- The public shelf: what is public is found by the words of its public version,
-- which are kept apart from the originals, so that nothing private decides what
-- a visitor is shown.
CREATE TABLE public_postings (
  term integer NOT NULL,
  place integer NOT NULL CHECK (place > 0),
  PRIMARY KEY (term, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE public_frequencies (
  term integer PRIMARY KEY,
  documents integer NOT NULL
) STRICT;

-- What stands on the shelf, and exactly which rows it put there, since they go
-- with it: postings as pairs of term and place, counted terms, eight bytes each.
CREATE TABLE public_signatures (
  submission_id integer PRIMARY KEY REFERENCES submissions (id),
  fingerprint integer NOT NULL,
  posted blob NOT NULL,
  counted blob NOT NULL
) STRICT;

-- What is public already is put there as soon as the service runs.
INSERT INTO index_queue (index_name, submission_id)
  SELECT 'public', id FROM submissions WHERE visibility IN ('with_answer', 'open') ORDER BY id
  ON CONFLICT DO NOTHING;
