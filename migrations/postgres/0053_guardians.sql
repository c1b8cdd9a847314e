-- +goose Up
-- Where the consent of a guardian stands, for the case of a child; empty where
-- the sender is none.
ALTER TABLE submissions ADD COLUMN guardian text NOT NULL DEFAULT ''
  CHECK (guardian IN ('', 'waiting', 'confirmed', 'private', 'refused', 'lapsed', 'withdrawn'));
CREATE INDEX submissions_guardian ON submissions (guardian) WHERE guardian <> '';

-- Who is asked, sealed with a key of its own, and what was answered. The link in
-- the message is made of the nonce and the key of the installation.
CREATE TABLE guardians (
  submission_id bigint PRIMARY KEY REFERENCES submissions (id),
  -- The submission whose guardian was asked, for a case that staff made of it.
  whole_id bigint REFERENCES submissions (id),
  nonce text NOT NULL DEFAULT '',
  token_hash bytea,
  wrapped_key bytea,
  sealed bytea,
  name_wished boolean NOT NULL,
  asked_at timestamptz,
  remind_at timestamptz,
  lapse_at timestamptz,
  reminded_at timestamptz,
  decided_at timestamptz,
  how text NOT NULL DEFAULT '' CHECK (how IN ('', 'link', 'written')),
  by_user bigint REFERENCES users (id),
  version text NOT NULL DEFAULT '',
  publish boolean NOT NULL DEFAULT FALSE,
  name boolean NOT NULL DEFAULT FALSE,
  not_mine boolean NOT NULL DEFAULT FALSE,
  ended_at timestamptz
);
CREATE UNIQUE INDEX guardians_token ON guardians (token_hash) WHERE token_hash IS NOT NULL;
CREATE INDEX guardians_whole ON guardians (whole_id) WHERE whole_id IS NOT NULL;
-- Those who were not asked yet come first, then who must be reminded or lapses.
CREATE INDEX guardians_open ON guardians (lapse_at) WHERE decided_at IS NULL AND whole_id IS NULL;
