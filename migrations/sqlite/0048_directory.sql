-- +goose Up
-- What people change in the registry on pages. It lies over what was delivered:
-- the newest version of an entry decides, and one whose entry is empty lets hold
-- again what was delivered. What a version says never changes.

CREATE TABLE registry_changes (
  id integer PRIMARY KEY AUTOINCREMENT,
  act text NOT NULL CHECK (act IN ('added', 'changed', 'ended', 'merged', 'undone')),
  kind text NOT NULL CHECK (kind IN ('agency', 'topic', 'area', 'rejection', 'holding')),
  code text NOT NULL,
  -- JSON, or empty: the version, what held before, what the files had.
  entry text NOT NULL,
  entry_before text NOT NULL,
  delivered text NOT NULL,
  undoes integer REFERENCES registry_changes (id),
  batch integer REFERENCES registry_changes (id),
  reason text NOT NULL,
  written_at integer NOT NULL,
  written_by integer REFERENCES users (id)
) STRICT;
CREATE INDEX registry_changes_entry ON registry_changes (kind, code, id);
CREATE INDEX registry_changes_batch ON registry_changes (batch, id);

-- One row, as in timetable.
CREATE TABLE registry_revision (
  slot integer PRIMARY KEY CHECK (slot = 1),
  revision integer NOT NULL
) STRICT;
INSERT INTO registry_revision (slot, revision) VALUES (1, 0);

-- The open cases that went to a successor because of a version.
CREATE TABLE registry_moves (
  change_id integer NOT NULL REFERENCES registry_changes (id),
  submission_id integer NOT NULL REFERENCES submissions (id),
  PRIMARY KEY (change_id, submission_id)
) STRICT, WITHOUT ROWID;
