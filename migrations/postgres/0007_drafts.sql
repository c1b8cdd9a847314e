-- +goose Up
-- What somebody is still writing. The address of a draft holds its token; here
-- stands only the token's hash, and the content is sealed with a key that the
-- token is half of: who reads this table reads no draft.
CREATE TABLE drafts (
  token_hash bytea PRIMARY KEY,
  sealed bytea NOT NULL,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  -- The code of the submission that it became; the content is gone by then.
  sent_code text NOT NULL DEFAULT ''
);
CREATE INDEX drafts_expiry ON drafts (expires_at);

-- The sender asks that it stays unpublished: publication destroys the novelty
-- of an invention.
ALTER TABLE submissions ADD COLUMN confidential boolean NOT NULL DEFAULT FALSE;
