-- +goose Up
-- What people ask about the own personal data. What they wrote, and how to
-- reach them, is sealed with a key of its own.
CREATE TABLE privacy_requests (
  id integer PRIMARY KEY AUTOINCREMENT,
  ref text NOT NULL UNIQUE,
  kind text NOT NULL CHECK (kind IN ('see', 'correct', 'erase', 'object', 'withdraw')),
  state text NOT NULL CHECK (state IN ('received', 'identified', 'granted', 'refused', 'fulfilled', 'closed')),
  submission_id integer REFERENCES submissions (id),
  made_at integer NOT NULL,
  reply_by integer NOT NULL,
  due_at integer NOT NULL,
  reply_at integer,
  done_at integer,
  closed_at integer,
  extended_from integer,
  extended_reason text NOT NULL DEFAULT '',
  identified text NOT NULL DEFAULT '',
  reason text NOT NULL DEFAULT '',
  told text NOT NULL DEFAULT '',
  by_user integer REFERENCES users (id),
  wrapped_key blob NOT NULL,
  sealed blob NOT NULL
) STRICT;
CREATE INDEX privacy_requests_open ON privacy_requests (due_at, id) WHERE closed_at IS NULL;
CREATE INDEX privacy_requests_closed ON privacy_requests (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX privacy_requests_submission ON privacy_requests (submission_id) WHERE submission_id IS NOT NULL;

-- Which version of the terms the sender agreed to, when it was received; empty
-- where nobody was shown any.
ALTER TABLE submissions ADD COLUMN terms_version text NOT NULL DEFAULT '';
