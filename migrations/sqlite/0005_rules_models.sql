-- +goose Up
-- Rules that people change while the program runs, and models with their story.

-- A rule and its place in the order in which rules are tried.
CREATE TABLE rules (
  id text PRIMARY KEY,
  position integer NOT NULL
) STRICT;

-- What a version says never changes; what became of it does. Without
-- written_by it came with the registry.
CREATE TABLE rule_versions (
  rule_id text NOT NULL REFERENCES rules (id),
  version integer NOT NULL CHECK (version >= 1),
  name text NOT NULL DEFAULT '',
  condition text NOT NULL,
  agency text NOT NULL,
  valid_from integer,
  valid_to integer,
  owner text NOT NULL,
  note text NOT NULL DEFAULT '',
  written_at integer NOT NULL,
  written_by integer REFERENCES users (id),
  state text NOT NULL CHECK (state IN ('draft', 'live', 'retired')),
  live_at integer,
  live_by integer REFERENCES users (id),
  retired_at integer,
  retired_by integer REFERENCES users (id),
  dry_run text NOT NULL DEFAULT '',
  dry_run_at integer,
  PRIMARY KEY (rule_id, version)
) STRICT;
CREATE UNIQUE INDEX rule_versions_live ON rule_versions (rule_id) WHERE state = 'live';
CREATE UNIQUE INDEX rule_versions_draft ON rule_versions (rule_id) WHERE state = 'draft';

CREATE TABLE rule_errors (
  rule_id text NOT NULL,
  version integer NOT NULL,
  errors integer NOT NULL,
  last_error text NOT NULL,
  last_at integer NOT NULL,
  PRIMARY KEY (rule_id, version),
  FOREIGN KEY (rule_id, version) REFERENCES rule_versions (rule_id, version)
) STRICT;

-- One row: a number that rises with every change, for processes that keep
-- compiled rules. Raising it also keeps two changes apart.
CREATE TABLE rule_book (
  slot integer PRIMARY KEY CHECK (slot = 1),
  revision integer NOT NULL
) STRICT;
INSERT INTO rule_book (slot, revision) VALUES (1, 0);

-- newest_at is when the newest routing was confirmed that the model learned
-- from; data is emptied when a model is too old to be gone back to.
ALTER TABLE models ADD COLUMN reason text NOT NULL DEFAULT '';
ALTER TABLE models ADD COLUMN trained_by integer REFERENCES users (id);
ALTER TABLE models ADD COLUMN newest_at integer;
ALTER TABLE models ADD COLUMN verdict text NOT NULL DEFAULT '';
ALTER TABLE models ADD COLUMN rolled_back_at integer;
ALTER TABLE active_model ADD COLUMN activated_by integer REFERENCES users (id);

-- Who or what asked for a training and what came of it.
CREATE TABLE trainings (
  id integer PRIMARY KEY AUTOINCREMENT,
  reason text NOT NULL,
  asked_at integer NOT NULL,
  asked_by integer REFERENCES users (id),
  ended_at integer,
  outcome text NOT NULL DEFAULT '',
  version text NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX trainings_reason ON trainings (reason, id);

-- The examples of an agency, to find those that wait for a new one.
CREATE INDEX confirmed_routes_agency ON confirmed_routes (agency, submission_id);

-- How agencies take what they are given, by time.
CREATE INDEX events_handling ON events (at, submission_id)
  WHERE type IN ('routed', 'assigned', 'accepted', 'handed_back');

-- Mails to agencies about cases that they were given. The address is the
-- registry's.
CREATE TABLE agency_notices (
  id integer PRIMARY KEY AUTOINCREMENT,
  submission_id integer NOT NULL REFERENCES submissions (id),
  agency text NOT NULL,
  state text NOT NULL CHECK (state IN ('queued', 'sent', 'not_sent')),
  reason text NOT NULL DEFAULT '',
  created_at integer NOT NULL,
  settled_at integer,
  CHECK ((state = 'queued') = (settled_at IS NULL))
) STRICT;
CREATE INDEX agency_notices_not_sent ON agency_notices (created_at) WHERE state = 'not_sent';
