-- +goose Up
-- One act on many cases: what was asked, and what became of each case. Both
-- are kept, for undoing and for whoever checks later.

CREATE TABLE bulk_works (
  id integer PRIMARY KEY AUTOINCREMENT,
  user_id integer NOT NULL REFERENCES users (id),
  act text NOT NULL,
  -- What was typed into the form, as JSON.
  input text NOT NULL DEFAULT '{}',
  state text NOT NULL CHECK (state IN ('checking', 'ready', 'running', 'done', 'dropped')),
  undo_of integer REFERENCES bulk_works (id),
  -- There were more cases than one act takes.
  capped integer NOT NULL DEFAULT FALSE CHECK (capped IN (0, 1)),
  made_at integer NOT NULL,
  begun_at integer,
  ended_at integer
) STRICT;
CREATE INDEX bulk_works_user ON bulk_works (user_id, id);
CREATE INDEX bulk_works_undo ON bulk_works (undo_of) WHERE undo_of IS NOT NULL;

CREATE TABLE bulk_lines (
  bulk_id integer NOT NULL REFERENCES bulk_works (id),
  place integer NOT NULL,
  submission_id integer NOT NULL REFERENCES submissions (id),
  -- The version that the person saw.
  version integer NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'fit', 'unfit', 'done', 'refused')),
  -- Why it is unfit or was refused, a code.
  reason text NOT NULL DEFAULT '',
  -- The case before and after, as JSON.
  was text NOT NULL DEFAULT '',
  became text NOT NULL DEFAULT '',
  settled_at integer,
  PRIMARY KEY (bulk_id, place)
) STRICT;
CREATE INDEX bulk_lines_state ON bulk_lines (bulk_id, state, place);
CREATE INDEX bulk_lines_submission ON bulk_lines (submission_id, bulk_id);
