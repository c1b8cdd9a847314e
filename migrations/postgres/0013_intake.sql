-- +goose Up
-- How a submission came in may now be a letter, a visit or a call that staff
-- keyed in. The column is made anew as in SQLite, which changes no CHECK.
ALTER TABLE submissions ADD COLUMN came_by text NOT NULL DEFAULT 'web' CHECK (came_by IN ('web', 'api', 'import', 'letter', 'visit', 'phone'));
UPDATE submissions SET came_by = channel WHERE channel <> 'web';
ALTER TABLE submissions DROP COLUMN channel;
ALTER TABLE submissions RENAME COLUMN came_by TO channel;

-- How the sender of something that staff keyed in agreed to its being handled;
-- empty where the sender did it alone.
ALTER TABLE submissions ADD COLUMN consent text NOT NULL DEFAULT '' CHECK (consent IN ('', 'written', 'oral', 'none'));

-- The sender was not sure of the kind, and nobody has decided it since.
ALTER TABLE submissions ADD COLUMN kind_open boolean NOT NULL DEFAULT FALSE;

-- Proofs of work that were used, so that none counts twice. A row is worth
-- something until its challenge expires.
CREATE TABLE proofs (
  nonce bytea PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
CREATE INDEX proofs_expiry ON proofs (expires_at);
