-- +goose Up
-- What staff work with on the page of a case: questions that stop no clock,
-- to-dos, mentions of colleagues, and cases to see beside it.

-- A question during which the answer clock runs on.
ALTER TABLE inquiries ADD COLUMN running integer NOT NULL DEFAULT FALSE CHECK (running IN (0, 1));
-- For how many working days it stops the clock: as many as it may while it is
-- open, and as many as it did once it ended. Of what was asked before this
-- column it is not known, and counts as none.
ALTER TABLE inquiries ADD COLUMN paused_days integer NOT NULL DEFAULT 0;
-- Which agency asked.
ALTER TABLE inquiries ADD COLUMN agency text NOT NULL DEFAULT '';
UPDATE inquiries SET agency = COALESCE((SELECT agency FROM submissions s WHERE s.id = inquiries.submission_id), '');
CREATE INDEX inquiries_asked ON inquiries (asked_at) WHERE NOT running;

CREATE TABLE todos (
  id integer PRIMARY KEY AUTOINCREMENT,
  submission_id integer NOT NULL REFERENCES submissions (id),
  text text NOT NULL,
  user_id integer NOT NULL REFERENCES users (id),
  -- The last day, YYYY-MM-DD; empty where there is none.
  due_on text NOT NULL DEFAULT '',
  made_by integer REFERENCES users (id),
  made_at integer NOT NULL,
  done_by integer REFERENCES users (id),
  done_at integer
) STRICT;
CREATE INDEX todos_submission ON todos (submission_id, id);
CREATE INDEX todos_open ON todos (user_id, due_on) WHERE done_at IS NULL;

-- Who was named in an internal note.
CREATE TABLE mentions (
  id integer PRIMARY KEY AUTOINCREMENT,
  submission_id integer NOT NULL REFERENCES submissions (id),
  user_id integer NOT NULL REFERENCES users (id),
  made_by integer REFERENCES users (id),
  made_at integer NOT NULL
) STRICT;
CREATE INDEX mentions_user ON mentions (user_id, made_at);
CREATE INDEX mentions_submission ON mentions (submission_id);

-- Two cases that staff want to see beside each other, the lower id first.
CREATE TABLE case_links (
  submission_id integer NOT NULL REFERENCES submissions (id),
  other_id integer NOT NULL REFERENCES submissions (id),
  reason text NOT NULL DEFAULT '',
  made_by integer REFERENCES users (id),
  made_at integer NOT NULL,
  PRIMARY KEY (submission_id, other_id),
  CHECK (submission_id < other_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_links_other ON case_links (other_id);
