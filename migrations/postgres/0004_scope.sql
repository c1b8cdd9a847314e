-- +goose Up
-- A submission that accuses somebody by name: its contact is shown to nobody
-- and it is not published by itself until a coordinator lifts that.
ALTER TABLE submissions ADD COLUMN restricted boolean NOT NULL DEFAULT FALSE;
-- The other channel that a refusal points to, empty if none.
ALTER TABLE submissions ADD COLUMN rejection_channel text NOT NULL DEFAULT '';

-- Whether a submission is one for this system: what the machine suggested, and
-- what holds. Both stay, so that one can be counted against the other.
CREATE TABLE scopes (
  submission_id bigint PRIMARY KEY REFERENCES submissions (id),
  suggested text NOT NULL CHECK (suggested IN ('in_scope', 'complaint', 'denunciation', 'other_channel', 'unclear', 'spam')),
  confidence double precision NOT NULL,
  scope text NOT NULL CHECK (scope IN ('in_scope', 'complaint', 'denunciation', 'other_channel', 'unclear', 'spam')),
  channel text NOT NULL DEFAULT '',
  words jsonb NOT NULL DEFAULT '[]',
  accused jsonb NOT NULL DEFAULT '[]',
  several jsonb NOT NULL DEFAULT '[]',
  lifted boolean NOT NULL DEFAULT FALSE,
  decided_by text NOT NULL CHECK (decided_by IN ('system', 'staff')),
  user_id bigint REFERENCES users (id),
  decided_at timestamptz NOT NULL
);
CREATE INDEX scopes_decided ON scopes (decided_at, submission_id);
CREATE INDEX scopes_scope ON scopes (scope, submission_id);
