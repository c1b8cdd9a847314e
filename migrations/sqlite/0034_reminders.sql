-- +goose Up
-- Who is reminded of what, who is told above them, and who stands in for whom.

-- A step that a deadline of a case reached, once for each deadline.
CREATE TABLE deadline_prompts (
  id integer PRIMARY KEY AUTOINCREMENT,
  submission_id integer NOT NULL REFERENCES submissions (id),
  step text NOT NULL,
  due_at integer NOT NULL,
  reached_at integer NOT NULL,
  UNIQUE (submission_id, step, due_at)
) STRICT;

-- Mails to members of staff about their work. Until closes_at more of the same
-- kind goes into the same mail.
CREATE TABLE staff_mails (
  id integer PRIMARY KEY AUTOINCREMENT,
  user_id integer NOT NULL REFERENCES users (id),
  kind text NOT NULL CHECK (kind IN ('digest', 'reminder', 'escalation')),
  state text NOT NULL CHECK (state IN ('queued', 'sent', 'not_sent')),
  reason text NOT NULL DEFAULT '',
  created_at integer NOT NULL,
  closes_at integer NOT NULL,
  settled_at integer
) STRICT;
CREATE INDEX staff_mails_user ON staff_mails (user_id, kind, closes_at);

-- Which mail tells of which step.
CREATE TABLE prompt_mails (
  prompt_id integer NOT NULL REFERENCES deadline_prompts (id),
  mail_id integer NOT NULL REFERENCES staff_mails (id),
  PRIMARY KEY (mail_id, prompt_id)
) STRICT, WITHOUT ROWID;

-- Late cases whose senders are told how it stands, and when next.
CREATE TABLE late_notes (
  submission_id integer PRIMARY KEY REFERENCES submissions (id),
  next_at integer NOT NULL
) STRICT;
CREATE INDEX late_notes_next ON late_notes (next_at, submission_id);
INSERT INTO late_notes (submission_id, next_at) SELECT id, due_at FROM submissions
  WHERE overdue_noted AND due_at IS NOT NULL AND state IN ('received', 'triage', 'assigned', 'in_progress', 'awaiting_citizen', 'in_review');

-- Who does not want the morning mail, and the day of the last one, YYYY-MM-DD.
CREATE TABLE staff_digests (
  user_id integer PRIMARY KEY REFERENCES users (id),
  is_off integer NOT NULL DEFAULT FALSE CHECK (is_off IN (0, 1)),
  last_day text NOT NULL DEFAULT ''
) STRICT;

-- From until until_at, which is not part of it, another person stands in.
CREATE TABLE absences (
  id integer PRIMARY KEY AUTOINCREMENT,
  user_id integer NOT NULL REFERENCES users (id),
  substitute_id integer NOT NULL REFERENCES users (id),
  from_at integer NOT NULL,
  until_at integer NOT NULL,
  written_at integer NOT NULL,
  written_by integer REFERENCES users (id),
  ended_at integer,
  ended_by integer REFERENCES users (id),
  CHECK (user_id <> substitute_id AND from_at < until_at)
) STRICT;
CREATE INDEX absences_until ON absences (until_at);

CREATE INDEX submissions_forward_due ON submissions (forward_due_at, id) WHERE state IN ('received', 'triage', 'assigned');
