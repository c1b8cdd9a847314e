-- +goose Up
-- What is mailed to somebody who asked about the own personal data. The address
-- is sealed, and kept only while the mail waits.
ALTER TABLE privacy_requests ADD COLUMN language text NOT NULL DEFAULT 'vi' CHECK (language IN ('vi', 'en'));
-- Whether it was granted in part only.
ALTER TABLE privacy_requests ADD COLUMN partly integer NOT NULL DEFAULT 0;

CREATE TABLE privacy_messages (
  id integer PRIMARY KEY AUTOINCREMENT,
  request_id integer NOT NULL REFERENCES privacy_requests (id),
  kind text NOT NULL CHECK (kind IN ('receipt', 'reply', 'extended', 'outcome')),
  -- What staff wrote, as it stood when the mail was asked for.
  words text NOT NULL DEFAULT '',
  wrapped_key blob,
  sealed blob,
  state text NOT NULL CHECK (state IN ('queued', 'sent', 'not_sent')),
  reason text NOT NULL DEFAULT '',
  created_at integer NOT NULL,
  settled_at integer,
  UNIQUE (request_id, kind)
) STRICT;
