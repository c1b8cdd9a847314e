-- +goose Up
-- A membership knows when its submission was received, so that the earliest
-- and the latest of a campaign are found at once, and which answer its sender
-- was sent (0: none), so that what runs twice tells once.
ALTER TABLE memberships ADD COLUMN received_at integer NOT NULL DEFAULT 0;
ALTER TABLE memberships ADD COLUMN told_answer integer NOT NULL DEFAULT 0;
UPDATE memberships SET received_at = (SELECT s.received_at FROM submissions s WHERE s.id = memberships.submission_id);
DROP INDEX memberships_root;
CREATE INDEX memberships_received ON memberships (root_id, received_at, submission_id);
CREATE INDEX memberships_told ON memberships (root_id, told_answer, submission_id);

-- The primary key finds a pair by its lower id only.
CREATE INDEX barred_pairs_high ON barred_pairs (high_id);

-- What is nearly the same and did not join by itself says why.
ALTER TABLE similar_cases ADD COLUMN jaccard real NOT NULL DEFAULT 0;
ALTER TABLE similar_cases ADD COLUMN obstacle text NOT NULL DEFAULT '';

-- Cases that were made out of one submission which asked for several things.
CREATE TABLE case_parts (
  part_id integer PRIMARY KEY REFERENCES submissions (id),
  origin_id integer NOT NULL REFERENCES submissions (id),
  added_at integer NOT NULL,
  CHECK (part_id <> origin_id)
) STRICT;
CREATE INDEX case_parts_origin ON case_parts (origin_id, part_id);
