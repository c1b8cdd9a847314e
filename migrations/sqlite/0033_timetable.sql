-- +goose Up
-- Time limits and the calendar as data that people edit, with every version.

ALTER TABLE submissions ADD COLUMN urgent integer NOT NULL DEFAULT FALSE CHECK (urgent IN (0, 1));

-- What a version says never changes. Without written_by it came with the
-- registry; without holds_from it always held; an amount of 0 ends the limit.
CREATE TABLE time_limits (
  id integer PRIMARY KEY AUTOINCREMENT,
  limit_use text NOT NULL CHECK (limit_use IN ('receive', 'forward', 'answer', 'information')),
  kind text NOT NULL DEFAULT '' CHECK (kind IN ('', 'feedback', 'recommendation', 'initiative', 'solution')),
  agency text NOT NULL DEFAULT '',
  urgent integer NOT NULL DEFAULT FALSE CHECK (urgent IN (0, 1)),
  holds_from integer,
  clock text NOT NULL CHECK (clock IN ('calendar_days', 'working_days', 'working_hours')),
  amount integer NOT NULL CHECK (amount >= 0),
  source text NOT NULL,
  written_at integer NOT NULL,
  written_by integer REFERENCES users (id)
) STRICT;

-- The newest version of a day decides; an empty kind takes it out. day is
-- YYYY-MM-DD.
CREATE TABLE calendar_days (
  id integer PRIMARY KEY AUTOINCREMENT,
  day text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('', 'holiday', 'compensation', 'working_day')),
  name_vi text NOT NULL DEFAULT '',
  name_en text NOT NULL DEFAULT '',
  certainty text NOT NULL CHECK (certainty IN ('provisional', 'decided')),
  source text NOT NULL,
  written_at integer NOT NULL,
  written_by integer REFERENCES users (id)
) STRICT;
CREATE INDEX calendar_days_day ON calendar_days (day, id);

-- What is proposed and not applied yet, one for a day.
CREATE TABLE calendar_drafts (
  day text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('', 'holiday', 'compensation', 'working_day')),
  name_vi text NOT NULL DEFAULT '',
  name_en text NOT NULL DEFAULT '',
  certainty text NOT NULL CHECK (certainty IN ('provisional', 'decided')),
  source text NOT NULL,
  written_at integer NOT NULL,
  written_by integer REFERENCES users (id)
) STRICT;

-- One row: a number that rises with every change, for processes that keep what
-- holds. Raising it also keeps two changes apart.
CREATE TABLE timetable (
  slot integer PRIMARY KEY CHECK (slot = 1),
  revision integer NOT NULL
) STRICT;
INSERT INTO timetable (slot, revision) VALUES (1, 0);

-- Open deadlines computed anew after a change, at most one at a time.
CREATE TABLE recounts (
  id integer PRIMARY KEY AUTOINCREMENT,
  asked_at integer NOT NULL,
  asked_by integer REFERENCES users (id),
  reason text NOT NULL CHECK (reason IN ('calendar', 'limits', 'registry')),
  -- The newest versions of a limit and of a day before the change.
  limit_id integer NOT NULL,
  day_id integer NOT NULL,
  last_id integer NOT NULL DEFAULT 0,
  looked integer NOT NULL DEFAULT 0,
  moved integer NOT NULL DEFAULT 0,
  kept integer NOT NULL DEFAULT 0,
  ended_at integer
) STRICT;
CREATE UNIQUE INDEX recounts_running ON recounts ((1)) WHERE ended_at IS NULL;

-- What it moved, and what it left because it would have been late at once.
CREATE TABLE recount_moves (
  recount_id integer NOT NULL REFERENCES recounts (id),
  submission_id integer NOT NULL REFERENCES submissions (id),
  old_due_at integer NOT NULL,
  new_due_at integer NOT NULL,
  kept integer NOT NULL DEFAULT FALSE CHECK (kept IN (0, 1)),
  PRIMARY KEY (recount_id, submission_id)
) STRICT, WITHOUT ROWID;
