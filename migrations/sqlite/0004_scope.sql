-- +goose Up
-- A submission that accuses somebody by name: its contact is shown to nobody
-- and it is not published by itself until a coordinator lifts that.
ALTER TABLE submissions ADD COLUMN restricted integer NOT NULL DEFAULT FALSE CHECK (restricted IN (0, 1));
-- The other channel that a refusal points to, empty if none.
ALTER TABLE submissions ADD COLUMN rejection_channel text NOT NULL DEFAULT '';

-- Whether a submission is one for this system: what the machine suggested, and
-- what holds. Both stay, so that one can be counted against the other.
CREATE TABLE scopes (
  submission_id integer PRIMARY KEY REFERENCES submissions (id),
  suggested text NOT NULL CHECK (suggested IN ('in_scope', 'complaint', 'denunciation', 'other_channel', 'unclear', 'spam')),
  confidence real NOT NULL,
  scope text NOT NULL CHECK (scope IN ('in_scope', 'complaint', 'denunciation', 'other_channel', 'unclear', 'spam')),
  channel text NOT NULL DEFAULT '',
  words text NOT NULL DEFAULT '[]',
  accused text NOT NULL DEFAULT '[]',
  several text NOT NULL DEFAULT '[]',
  lifted integer NOT NULL DEFAULT FALSE CHECK (lifted IN (0, 1)),
  decided_by text NOT NULL CHECK (decided_by IN ('system', 'staff')),
  user_id integer REFERENCES users (id),
  decided_at integer NOT NULL
) STRICT;
CREATE INDEX scopes_decided ON scopes (decided_at, submission_id);
CREATE INDEX scopes_scope ON scopes (scope, submission_id);
