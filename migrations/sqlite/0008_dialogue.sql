-- +goose Up
-- What agency and sender say to each other about a case, beside the answer.

-- A question of an agency to the sender. While it is open the answer clock
-- stands still, until reply_by at most.
CREATE TABLE inquiries (
  id integer PRIMARY KEY AUTOINCREMENT,
  submission_id integer NOT NULL REFERENCES submissions (id),
  question text NOT NULL,
  asked_by integer REFERENCES users (id),
  asked_at integer NOT NULL,
  remind_at integer NOT NULL,
  reply_by integer NOT NULL,
  reminded_at integer,
  reply text NOT NULL DEFAULT '',
  -- When it ended: by the reply, or because nobody replied.
  ended_at integer
) STRICT;
CREATE INDEX inquiries_submission ON inquiries (submission_id, id);
CREATE UNIQUE INDEX inquiries_open ON inquiries (submission_id) WHERE ended_at IS NULL;

-- What the sender says about the answer, the last word counting.
CREATE TABLE ratings (
  submission_id integer PRIMARY KEY REFERENCES submissions (id),
  answer_id integer NOT NULL REFERENCES answers (id),
  helped text NOT NULL CHECK (helped IN ('yes', 'partly', 'no')),
  reason text NOT NULL DEFAULT '',
  rated_at integer NOT NULL
) STRICT;

-- The deadline before it was extended; empty while it never was.
ALTER TABLE submissions ADD COLUMN first_due_at integer;
-- By how many days it was extended, counted as the limit is.
ALTER TABLE submissions ADD COLUMN extended integer NOT NULL DEFAULT 0;
-- Whether the answer that the sender objected to was in time: the new clock
-- must not forgive the old one.
ALTER TABLE submissions ADD COLUMN first_timeliness text NOT NULL DEFAULT '' CHECK (first_timeliness IN ('', 'in_time', 'extended', 'late'));
-- When the sender had the case opened again; the answer clock starts anew.
ALTER TABLE submissions ADD COLUMN reopened_at integer;
CREATE INDEX submissions_answered ON submissions (answered_at, id) WHERE state = 'answered';
