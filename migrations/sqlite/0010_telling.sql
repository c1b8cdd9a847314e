-- +goose Up
-- How senders are told.

-- Keyed hashes of the normalised address and telephone, by which a lost code
-- finds its contact. They are emptied with the contact's key.
ALTER TABLE contacts ADD COLUMN email_index text NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN phone_index text NOT NULL DEFAULT '';
CREATE INDEX contacts_email ON contacts (email_index) WHERE email_index <> '';
CREATE INDEX contacts_phone ON contacts (phone_index) WHERE phone_index <> '';

-- What the sender chose and what became of the address. No row: nothing was
-- chosen, and the address was not confirmed.
CREATE TABLE reaches (
  submission_id integer PRIMARY KEY REFERENCES submissions (id),
  wants text NOT NULL CHECK (wants IN ('all', 'needed', 'none')),
  language text NOT NULL DEFAULT '',
  channel text NOT NULL DEFAULT '' CHECK (channel IN ('', 'mail', 'sms', 'post')),
  confirmed_at integer,
  -- When the address last proved to be dead; empty while it is not known to be.
  failing_at integer
) STRICT;

-- By which way a message went or goes.
ALTER TABLE messages ADD COLUMN channel text NOT NULL DEFAULT '' CHECK (channel IN ('', 'mail', 'sms', 'post'));
CREATE INDEX messages_to_post ON messages (id) WHERE channel = 'post' AND state = 'queued';
