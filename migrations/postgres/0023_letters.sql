-- +goose Up
-- Letters on paper, one message in place of many, and the address that was.

-- Raised each time somebody says that a letter was posted, or that it was not.
ALTER TABLE messages ADD COLUMN version integer NOT NULL DEFAULT 0;
-- Who posted it.
ALTER TABLE messages ADD COLUMN settled_by bigint REFERENCES users (id);
-- Until when it waits for others to the same person, to go out with them.
ALTER TABLE messages ADD COLUMN digest_at timestamptz;
-- The contact that it goes to, where that is not the one the case has now. Both
-- are emptied when it is settled, and with the contact of the case.
ALTER TABLE messages ADD COLUMN wrapped_key bytea;
ALTER TABLE messages ADD COLUMN sealed bytea;
CREATE INDEX messages_posted ON messages (settled_at) WHERE channel = 'post' AND state = 'sent';
CREATE INDEX messages_held ON messages (digest_at) WHERE digest_at IS NOT NULL AND state = 'queued';
