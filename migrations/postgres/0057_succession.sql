-- +goose Up
-- What else went to a successor because of a version of an agency, beside its
-- open cases: accounts, views, tags, templates, opinions that were asked for. It
-- is the report of a merger, and what taking it back goes by.
CREATE TABLE registry_effects (
  change_id bigint NOT NULL REFERENCES registry_changes (id),
  kind text NOT NULL CHECK (kind IN ('account', 'view', 'tag', 'template', 'opinion')),
  subject bigint NOT NULL,
  label text NOT NULL,
  -- Of an account the role that it had, and the one that it got.
  was text NOT NULL,
  became text NOT NULL,
  state text NOT NULL CHECK (state IN ('moved', 'joined', 'withdrawn', 'back', 'kept')),
  PRIMARY KEY (change_id, kind, subject)
);
