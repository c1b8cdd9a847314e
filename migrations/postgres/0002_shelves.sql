-- +goose Up
-- A posting is one number, its place in the list of its term: how far its
-- weight is below the greatest, in steps of 1/65536, and then the submission in
-- the lower 40 bits. So the heaviest come first, the earliest of equals first,
-- and a list is read from the primary key alone. Nothing refers to submissions
-- here: none is ever deleted, and checking each row would cost more than
-- writing it.
CREATE TABLE postings_by_place (
  term bigint NOT NULL,
  place bigint NOT NULL CHECK (place > 0),
  PRIMARY KEY (term, place)
);
INSERT INTO postings_by_place (term, place)
  SELECT term, ((8388607 - CAST(round(least(weight, 127) * 65536) AS bigint)) << 40) + submission_id FROM postings ORDER BY 1, 2;
DROP TABLE postings;
ALTER TABLE postings_by_place RENAME TO postings;
ALTER INDEX postings_by_place_pkey RENAME TO postings_pkey;
ALTER TABLE postings RENAME CONSTRAINT postings_by_place_place_check TO postings_place_check;
-- Lists are read from the index alone where the visibility map is up to date.
ALTER TABLE postings SET (autovacuum_vacuum_insert_scale_factor = 0.02);

-- What tells copies of a text from others: of equal ones only the first has
-- postings and is counted. Empty for texts without words.
ALTER TABLE signatures ADD COLUMN fingerprint bigint;
CREATE INDEX signatures_fingerprint ON signatures (fingerprint) WHERE fingerprint IS NOT NULL;

-- The public shelf: what is public is found by the words of its public version,
-- which are kept apart from the originals, so that nothing private decides what
-- a visitor is shown.
CREATE TABLE public_postings (
  term bigint NOT NULL,
  place bigint NOT NULL CHECK (place > 0),
  PRIMARY KEY (term, place)
);

CREATE TABLE public_frequencies (
  term bigint PRIMARY KEY,
  documents integer NOT NULL
);

-- What stands on the shelf, and exactly which rows it put there, since they go
-- with it: postings as pairs of term and place, counted terms, eight bytes each.
CREATE TABLE public_signatures (
  submission_id bigint PRIMARY KEY REFERENCES submissions (id),
  fingerprint bigint NOT NULL,
  posted bytea NOT NULL,
  counted bytea NOT NULL
);

-- What is public already is put there as soon as the service runs.
INSERT INTO index_queue (index_name, submission_id)
  SELECT 'public', id FROM submissions WHERE visibility IN ('with_answer', 'open') ORDER BY id
  ON CONFLICT DO NOTHING;
