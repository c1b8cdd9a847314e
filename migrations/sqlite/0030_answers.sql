-- +goose Up
-- What an answer has beside its text: the paper that was signed, what the sender
-- asked, what was promised, when it becomes public, and what it puts right.
ALTER TABLE answers ADD COLUMN document_number text NOT NULL DEFAULT '';
-- 2026-11-29; empty: not told.
ALTER TABLE answers ADD COLUMN document_date text NOT NULL DEFAULT '';
ALTER TABLE answers ADD COLUMN signatory text NOT NULL DEFAULT '';
ALTER TABLE answers ADD COLUMN document_file text NOT NULL DEFAULT '';
-- JSON: what the sender asked, and whether the answer deals with it.
ALTER TABLE answers ADD COLUMN points text NOT NULL DEFAULT '[]';
ALTER TABLE answers ADD COLUMN publish_at integer;
ALTER TABLE answers ADD COLUMN corrects integer REFERENCES answers (id);
ALTER TABLE answers ADD COLUMN correction text NOT NULL DEFAULT '';

-- The version that everybody reads is the last approved one.
CREATE INDEX answers_approved ON answers (submission_id, id) WHERE approved_at IS NOT NULL;

-- Who of the staff added a file; NULL: the sender.
ALTER TABLE attachments ADD COLUMN added_by integer REFERENCES users (id);

CREATE TABLE commitments (
  id integer PRIMARY KEY AUTOINCREMENT,
  submission_id integer NOT NULL REFERENCES submissions (id),
  answer_id integer NOT NULL REFERENCES answers (id),
  what text NOT NULL,
  who text NOT NULL,
  until text NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'kept', 'dropped')),
  note text NOT NULL DEFAULT '',
  settled_at integer
) STRICT;
CREATE INDEX commitments_submission ON commitments (submission_id, id);
CREATE INDEX commitments_answer ON commitments (answer_id, id);
CREATE INDEX commitments_open ON commitments (until, id) WHERE state = 'open';

-- Earlier wordings of drafts.
CREATE TABLE answer_saves (
  id integer PRIMARY KEY AUTOINCREMENT,
  submission_id integer NOT NULL REFERENCES submissions (id),
  saved_by integer NOT NULL REFERENCES users (id),
  saved_at integer NOT NULL,
  text text NOT NULL,
  outcome text NOT NULL DEFAULT '',
  auto integer NOT NULL DEFAULT FALSE CHECK (auto IN (0, 1))
) STRICT;
CREATE INDEX answer_saves_submission ON answer_saves (submission_id, id);

CREATE TABLE answer_templates (
  id integer PRIMARY KEY AUTOINCREMENT,
  -- Empty: of every agency.
  agency text NOT NULL,
  name text NOT NULL,
  text text NOT NULL,
  updated_by integer REFERENCES users (id),
  updated_at integer NOT NULL,
  retired_at integer
) STRICT;
CREATE INDEX answer_templates_agency ON answer_templates (agency, id) WHERE retired_at IS NULL;
