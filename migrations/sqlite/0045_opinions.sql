-- +goose Up
-- What the agency that owns a case asks another one about it. The case stays
-- where it is, and no deadline of the sender's moves.
CREATE TABLE opinions (
  id integer PRIMARY KEY AUTOINCREMENT,
  submission_id integer NOT NULL REFERENCES submissions (id),
  -- Who owned the case when it asked, and who is asked.
  asker text NOT NULL,
  agency text NOT NULL,
  question text NOT NULL,
  asked_by integer REFERENCES users (id),
  asked_at integer NOT NULL,
  due_at integer NOT NULL,
  state text NOT NULL CHECK (state IN ('asked', 'given', 'declined', 'withdrawn')),
  -- The opinion, or why there is none.
  text text NOT NULL DEFAULT '',
  settled_by integer REFERENCES users (id),
  settled_at integer,
  -- Somebody was reminded that the deadline has passed.
  late_noted integer NOT NULL DEFAULT FALSE CHECK (late_noted IN (0, 1))
) STRICT;
CREATE INDEX opinions_submission ON opinions (submission_id, id);
CREATE UNIQUE INDEX opinions_asked ON opinions (submission_id, agency) WHERE state = 'asked';
CREATE INDEX opinions_waiting ON opinions (agency, due_at) WHERE state = 'asked';
CREATE INDEX opinions_due ON opinions (due_at, id) WHERE state = 'asked';
CREATE INDEX opinions_settled ON opinions (settled_at, id) WHERE state IN ('given', 'declined');
