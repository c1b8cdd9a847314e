-- +goose Up
-- The audit: one chain over every log that only grows.

-- What has no log of its own: reading, exporting, and changes to rules and
-- models.
CREATE TABLE audit_notes (
  id integer PRIMARY KEY AUTOINCREMENT,
  at integer NOT NULL,
  actor text NOT NULL CHECK (actor IN ('public', 'sender', 'staff', 'system')),
  user_id integer REFERENCES users (id),
  what text NOT NULL,
  submission_id integer REFERENCES submissions (id),
  subject text NOT NULL DEFAULT '',
  agency text NOT NULL DEFAULT '',
  detail text NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX audit_notes_reading ON audit_notes (submission_id, user_id, at) WHERE submission_id IS NOT NULL;

-- A copy of each line of a log without its free text, which mark stands for,
-- in the order in which the sealer came upon them. hash covers the line and the
-- hash before it; seal, on the last line of each batch, takes the
-- installation's key to make. Nothing here refers to another table: what
-- vanished there must still stand here.
CREATE TABLE audit (
  seq integer PRIMARY KEY,
  source text NOT NULL CHECK (source IN ('events', 'contact_looks', 'account_changes', 'audit_notes')),
  source_id integer NOT NULL,
  at integer NOT NULL,
  actor text NOT NULL,
  user_id integer,
  what text NOT NULL,
  submission_id integer,
  subject text NOT NULL,
  agency text NOT NULL,
  detail text NOT NULL,
  mark text NOT NULL,
  hash blob NOT NULL,
  seal text NOT NULL,
  sealed_at integer NOT NULL,
  UNIQUE (source, source_id)
) STRICT;
CREATE INDEX audit_user ON audit (user_id, seq) WHERE user_id IS NOT NULL;
CREATE INDEX audit_submission ON audit (submission_id, seq) WHERE submission_id IS NOT NULL;
CREATE INDEX audit_source ON audit (source, seq);

-- How far the sealer has come in each log. Lines above high are new; between
-- low and high one may turn up whose transaction ended late.
CREATE TABLE audit_progress (
  source text PRIMARY KEY,
  low integer NOT NULL,
  high integer NOT NULL,
  next_low integer NOT NULL,
  moved_at integer NOT NULL
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER audit_notes_no_update BEFORE UPDATE ON audit_notes
BEGIN SELECT RAISE(ABORT, 'this log only grows'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_notes_no_delete BEFORE DELETE ON audit_notes
BEGIN SELECT RAISE(ABORT, 'this log only grows'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'this log only grows'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'this log only grows'); END;
-- +goose StatementEnd
-- Of a history only the free text may go, when a sender has it erased.
-- +goose StatementBegin
CREATE TRIGGER events_no_update BEFORE UPDATE OF id, submission_id, at, type, actor, user_id, from_state, to_state, agency ON events
BEGIN SELECT RAISE(ABORT, 'this log only grows'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER events_no_new_text BEFORE UPDATE OF reason ON events WHEN NEW.reason <> ''
BEGIN SELECT RAISE(ABORT, 'this log only grows'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER events_no_delete BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'this log only grows'); END;
-- +goose StatementEnd
