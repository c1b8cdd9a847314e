-- +goose Up
-- Lists of cases that staff asked for as files, where they are too long to be
-- written while the person waits. The bytes lie in the blob store, sealed with
-- the key that is kept here; destroying it erases them.

CREATE TABLE exports (
  id integer PRIMARY KEY AUTOINCREMENT,
  user_id integer NOT NULL REFERENCES users (id),
  -- Of the person when it was asked for: the file holds what these reach.
  role text NOT NULL,
  agency text NOT NULL DEFAULT '',
  -- How the list is narrowed, as the address of the queue has it.
  query text NOT NULL,
  format text NOT NULL CHECK (format IN ('csv', 'xlsx')),
  language text NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'expired')),
  -- Why it failed, a code.
  reason text NOT NULL DEFAULT '',
  rows_done integer NOT NULL DEFAULT 0,
  rows_all integer NOT NULL,
  -- The last case that was written.
  after_id integer NOT NULL DEFAULT 0,
  -- What its pieces in the blob store begin with, empty once they are deleted.
  ref text NOT NULL,
  wrapped_key blob,
  size integer NOT NULL DEFAULT 0,
  asked_at integer NOT NULL,
  begun_at integer,
  ended_at integer
) STRICT;
CREATE INDEX exports_user ON exports (user_id, id);
CREATE INDEX exports_ended ON exports (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE export_pieces (
  export_id integer NOT NULL REFERENCES exports (id),
  -- Cases in words until the file is written, or the file.
  part text NOT NULL CHECK (part IN ('rows', 'file')),
  place integer NOT NULL,
  size integer NOT NULL,
  blob text NOT NULL,
  PRIMARY KEY (export_id, part, place)
) STRICT;
