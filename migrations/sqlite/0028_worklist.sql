-- +goose Up
-- The staff's queue at a hundred thousand open cases: saved views, tags,
-- claims, and indexes that know what a queue filters by.

-- Every filter of an open queue is decided within the index; the wide rows are
-- read for one page alone.
DROP INDEX submissions_open_due;
CREATE INDEX submissions_open_due ON submissions
  (due_at, id, overdue_noted, state, agency, assignee, topic, handovers, channel)
  WHERE state IN ('received', 'triage', 'assigned', 'in_progress', 'awaiting_citizen', 'in_review');
DROP INDEX submissions_open_agency;
CREATE INDEX submissions_open_agency ON submissions
  (agency, due_at, id, state, assignee, topic, handovers, channel)
  WHERE state IN ('received', 'triage', 'assigned', 'in_progress', 'awaiting_citizen', 'in_review') AND agency <> '';
DROP INDEX submissions_assignee;
CREATE INDEX submissions_assignee ON submissions (assignee, due_at, id, agency, state)
  WHERE state IN ('received', 'triage', 'assigned', 'in_progress', 'awaiting_citizen', 'in_review') AND assignee IS NOT NULL;

-- A view is the filters of a queue under a name, as the address writes them.
CREATE TABLE queue_views (
  id integer PRIMARY KEY AUTOINCREMENT,
  owner integer NOT NULL REFERENCES users (id),
  -- Whose staff may use it once it is shared; empty: those bound to no agency.
  agency text NOT NULL DEFAULT '',
  name text NOT NULL,
  query text NOT NULL,
  shared integer NOT NULL DEFAULT FALSE CHECK (shared IN (0, 1)),
  version integer NOT NULL DEFAULT 1,
  created_at integer NOT NULL,
  updated_at integer NOT NULL
) STRICT;
CREATE INDEX queue_views_owner ON queue_views (owner, id);
CREATE INDEX queue_views_shared ON queue_views (agency, id) WHERE shared;

-- A tag belongs to an agency; nobody outside sees it.
CREATE TABLE tags (
  id integer PRIMARY KEY AUTOINCREMENT,
  agency text NOT NULL DEFAULT '',
  -- The name in lower case, by which it is known again.
  name_key text NOT NULL,
  name text NOT NULL,
  made_by integer NOT NULL REFERENCES users (id),
  made_at integer NOT NULL,
  UNIQUE (agency, name_key)
) STRICT;
CREATE TABLE case_tags (
  tag_id integer NOT NULL REFERENCES tags (id),
  submission_id integer NOT NULL REFERENCES submissions (id),
  added_by integer NOT NULL REFERENCES users (id),
  added_at integer NOT NULL,
  PRIMARY KEY (tag_id, submission_id)
) STRICT;
CREATE INDEX case_tags_submission ON case_tags (submission_id, tag_id);

-- Who triages a case, for a time.
CREATE TABLE claims (
  submission_id integer PRIMARY KEY REFERENCES submissions (id),
  user_id integer NOT NULL REFERENCES users (id),
  claimed_at integer NOT NULL,
  expires_at integer NOT NULL
) STRICT;
CREATE INDEX claims_user ON claims (user_id, expires_at);

-- What fails again and again, for somebody to look at.
CREATE INDEX outbox_failing ON outbox (created_at, id) WHERE done_at IS NULL AND attempts > 0;
