-- +goose Up
-- Files that came with submissions. Their bytes lie elsewhere, in pieces; here
-- stands what they are. Name, text and bytes are sealed with a key of the
-- file's own: without wrapped_key nothing of them can be read again.
CREATE TABLE attachments (
  id integer PRIMARY KEY AUTOINCREMENT,
  ref text NOT NULL UNIQUE,
  -- A file belongs to a draft, by the hash of its token, until that is sent.
  draft_hash blob,
  submission_id integer REFERENCES submissions (id),
  wrapped_key blob,
  sealed_name blob NOT NULL,
  sealed_text blob,
  media_type text NOT NULL DEFAULT '',
  -- The size that was announced, 0 where none was; then that of what is kept.
  size integer NOT NULL,
  received integer NOT NULL DEFAULT 0,
  -- What tells the same file in two uploads of one browser; empty: nothing.
  mark text NOT NULL DEFAULT '',
  -- SHA-256 of the file as it came.
  digest blob,
  state text NOT NULL,
  reason text NOT NULL DEFAULT '',
  public integer NOT NULL DEFAULT FALSE CHECK (public IN (0, 1)),
  created_at integer NOT NULL,
  changed_at integer NOT NULL,
  settled_at integer
) STRICT;
CREATE INDEX attachments_submission ON attachments (submission_id) WHERE submission_id IS NOT NULL;
CREATE INDEX attachments_draft ON attachments (draft_hash) WHERE draft_hash IS NOT NULL;
CREATE INDEX attachments_changed ON attachments (changed_at) WHERE submission_id IS NULL OR state <> 'clean';

-- The pieces of a file, in the order of their place in it.
CREATE TABLE attachment_pieces (
  attachment_id integer NOT NULL REFERENCES attachments (id),
  place integer NOT NULL,
  size integer NOT NULL,
  blob text NOT NULL,
  PRIMARY KEY (attachment_id, place)
) STRICT;
