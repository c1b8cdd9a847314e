-- +goose Up
-- The same tables and columns stand in the other dialect's file of this number.
-- Times are microseconds since 1970 in UTC; flags are 0 or 1.
-- Checks hold the sets that are closed; job, event and message kinds grow with
-- the product and are held by the code alone.

CREATE TABLE users (
  id integer PRIMARY KEY AUTOINCREMENT,
  email text NOT NULL,
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('officer', 'approver', 'coordinator', 'administrator')),
  agency text NOT NULL DEFAULT '',
  password_hash text NOT NULL,
  active integer NOT NULL DEFAULT TRUE CHECK (active IN (0, 1)),
  created_at integer NOT NULL
) STRICT;
CREATE UNIQUE INDEX users_email ON users (lower(email));

CREATE TABLE sessions (
  token_hash blob PRIMARY KEY,
  user_id integer NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at integer NOT NULL,
  seen_at integer NOT NULL,
  expires_at integer NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE submissions (
  id integer PRIMARY KEY AUTOINCREMENT,
  code text NOT NULL UNIQUE,
  kind text NOT NULL CHECK (kind IN ('feedback', 'recommendation', 'initiative', 'solution')),
  title text NOT NULL,
  body text NOT NULL,
  topic text NOT NULL DEFAULT '',
  area text NOT NULL DEFAULT '',
  language text NOT NULL DEFAULT '',
  channel text NOT NULL CHECK (channel IN ('web', 'api', 'import')),
  submitter text NOT NULL CHECK (submitter IN ('', 'person', 'organisation')),
  publish_name integer NOT NULL DEFAULT FALSE CHECK (publish_name IN (0, 1)),
  state text NOT NULL CHECK (state IN ('received', 'triage', 'assigned', 'in_progress', 'awaiting_citizen', 'in_review',
    'answered', 'closed', 'rejected', 'merged', 'withdrawn')),
  version integer NOT NULL,
  agency text NOT NULL DEFAULT '',
  assignee integer REFERENCES users (id),
  handovers integer NOT NULL DEFAULT 0,
  received_at integer NOT NULL,
  due_at integer,
  forward_due_at integer,
  answered_at integer,
  updated_at integer NOT NULL,
  triage_reason text NOT NULL DEFAULT '',
  hold text NOT NULL DEFAULT '',
  root_id integer REFERENCES submissions (id),
  rejection_reason text NOT NULL DEFAULT '',
  rejection_message text NOT NULL DEFAULT '',
  visibility text NOT NULL CHECK (visibility IN ('private', 'with_answer', 'open', 'taken_down')),
  public_title text NOT NULL DEFAULT '',
  public_body text NOT NULL DEFAULT '',
  -- The folded words of the public version, each with a space on both sides.
  public_words text NOT NULL DEFAULT '',
  published_at integer,
  overdue_noted integer NOT NULL DEFAULT FALSE CHECK (overdue_noted IN (0, 1)),
  -- SHA-256 of the sender's key and of the request's body, to know a repeat by.
  idempotency_key blob,
  idempotency_body blob,
  CHECK ((idempotency_key IS NULL) = (idempotency_body IS NULL))
) STRICT;
CREATE UNIQUE INDEX submissions_idempotency ON submissions (idempotency_key) WHERE idempotency_key IS NOT NULL;
-- The staff queue walks open cases in the order of their deadline or receipt,
-- all of them or those of an agency. Settled cases, in time nearly all, have an
-- index of their own. None is for all states: without statistics SQLite would
-- prefer it and sort.
CREATE INDEX submissions_open_due ON submissions (due_at, id, overdue_noted, state)
  WHERE state IN ('received', 'triage', 'assigned', 'in_progress', 'awaiting_citizen', 'in_review');
CREATE INDEX submissions_open_received ON submissions (received_at, id)
  WHERE state IN ('received', 'triage', 'assigned', 'in_progress', 'awaiting_citizen', 'in_review');
CREATE INDEX submissions_open_agency ON submissions (agency, due_at, id)
  WHERE state IN ('received', 'triage', 'assigned', 'in_progress', 'awaiting_citizen', 'in_review') AND agency <> '';
CREATE INDEX submissions_settled ON submissions (agency, state, due_at, id)
  WHERE state IN ('answered', 'closed', 'rejected', 'merged', 'withdrawn');
CREATE INDEX submissions_assignee ON submissions (assignee) WHERE assignee IS NOT NULL;
-- The public listing, newest answer first.
CREATE INDEX submissions_public ON submissions (COALESCE(answered_at, received_at), id)
  WHERE visibility IN ('with_answer', 'open');

CREATE TABLE contacts (
  submission_id integer PRIMARY KEY REFERENCES submissions (id),
  sealed blob NOT NULL
) STRICT;

-- A key apart from what it opens: deleting it erases the contact. The row that
-- stays says when.
CREATE TABLE contact_keys (
  submission_id integer PRIMARY KEY REFERENCES contacts (submission_id),
  wrapped_key blob,
  destroyed_at integer,
  CHECK ((wrapped_key IS NULL) = (destroyed_at IS NOT NULL))
) STRICT;

CREATE TABLE events (
  id integer PRIMARY KEY AUTOINCREMENT,
  submission_id integer NOT NULL REFERENCES submissions (id),
  at integer NOT NULL,
  type text NOT NULL,
  actor text NOT NULL CHECK (actor IN ('public', 'sender', 'staff', 'system')),
  user_id integer REFERENCES users (id),
  from_state text NOT NULL DEFAULT '',
  to_state text NOT NULL DEFAULT '',
  agency text NOT NULL DEFAULT '',
  reason text NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX events_submission ON events (submission_id, id);

CREATE TABLE answers (
  id integer PRIMARY KEY AUTOINCREMENT,
  submission_id integer NOT NULL REFERENCES submissions (id),
  is_current integer NOT NULL DEFAULT TRUE CHECK (is_current IN (0, 1)),
  text text NOT NULL,
  -- The folded words of the text, each with a space on both sides.
  text_words text NOT NULL DEFAULT '',
  outcome text NOT NULL CHECK (outcome IN ('', 'accepted', 'partly', 'in_place', 'not_accepted', 'explained')),
  agency text NOT NULL DEFAULT '',
  drafted_by integer REFERENCES users (id),
  drafted_at integer NOT NULL,
  submitted_at integer,
  approved_by integer REFERENCES users (id),
  approved_at integer,
  remarks text NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX answers_current ON answers (submission_id) WHERE is_current;

CREATE TABLE messages (
  id integer PRIMARY KEY AUTOINCREMENT,
  submission_id integer NOT NULL REFERENCES submissions (id),
  kind text NOT NULL,
  language text NOT NULL,
  state text NOT NULL CHECK (state IN ('queued', 'sent', 'not_sent')),
  reason text NOT NULL DEFAULT '',
  created_at integer NOT NULL,
  settled_at integer,
  CHECK ((state = 'queued') = (settled_at IS NULL))
) STRICT;
CREATE INDEX messages_submission ON messages (submission_id, id);
CREATE INDEX messages_state ON messages (state, id);

-- Ids are never given twice: together with dispatch they name tasks of a queue
-- that may remember them longer than this table.
CREATE TABLE outbox (
  id integer PRIMARY KEY AUTOINCREMENT,
  kind text NOT NULL,
  subject integer NOT NULL,
  dispatch integer NOT NULL DEFAULT 0,
  attempts integer NOT NULL DEFAULT 0,
  next_at integer,
  sent_at integer,
  done_at integer,
  last_error text NOT NULL DEFAULT '',
  created_at integer NOT NULL
) STRICT;
-- The relay asks for what waits longest, whether it was sent or not.
CREATE INDEX outbox_undone ON outbox (kind, COALESCE(sent_at, next_at, created_at), id) WHERE done_at IS NULL;
CREATE INDEX outbox_done ON outbox (done_at) WHERE done_at IS NOT NULL;

-- What a search index has not seen. A mark is never given twice, so that an
-- acknowledgement that comes late cannot hit a newer change; since is the
-- first mark of the waiting time, empty while it is the mark itself.
CREATE TABLE index_queue (
  mark integer PRIMARY KEY AUTOINCREMENT,
  index_name text NOT NULL CHECK (index_name IN ('public', 'staff')),
  submission_id integer NOT NULL REFERENCES submissions (id),
  since integer,
  UNIQUE (submission_id, index_name)
) STRICT;
CREATE INDEX index_queue_order ON index_queue (index_name, COALESCE(since, mark));

CREATE TABLE leases (
  name text PRIMARY KEY,
  holder text NOT NULL,
  expires_at integer NOT NULL
) STRICT;

-- Near copies share bands; matching computes them.
CREATE TABLE bands (
  band integer NOT NULL,
  submission_id integer NOT NULL REFERENCES submissions (id),
  PRIMARY KEY (band, submission_id)
) STRICT, WITHOUT ROWID;

-- A row says that bands, postings and frequencies of the submission are there,
-- so that counting it twice is impossible.
CREATE TABLE signatures (
  submission_id integer PRIMARY KEY REFERENCES submissions (id)
) STRICT;

-- The heaviest postings of a term are read first and never more than a few.
CREATE TABLE postings (
  term integer NOT NULL,
  weight real NOT NULL CHECK (weight > 0),
  submission_id integer NOT NULL REFERENCES submissions (id),
  PRIMARY KEY (term, weight DESC, submission_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE frequencies (
  term integer PRIMARY KEY,
  documents integer NOT NULL
) STRICT;

CREATE TABLE memberships (
  submission_id integer PRIMARY KEY REFERENCES submissions (id),
  root_id integer NOT NULL REFERENCES submissions (id),
  joined_at integer NOT NULL,
  joined_by text NOT NULL CHECK (joined_by IN ('public', 'sender', 'staff', 'system')),
  user_id integer REFERENCES users (id),
  jaccard real NOT NULL,
  reason text NOT NULL DEFAULT '',
  CHECK (submission_id <> root_id)
) STRICT;
CREATE INDEX memberships_root ON memberships (root_id, joined_at, submission_id);

-- Pairs that a person took apart, the smaller id first.
CREATE TABLE barred_pairs (
  low_id integer NOT NULL REFERENCES submissions (id),
  high_id integer NOT NULL REFERENCES submissions (id),
  barred_at integer NOT NULL,
  PRIMARY KEY (low_id, high_id),
  CHECK (low_id < high_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE similar_cases (
  submission_id integer NOT NULL REFERENCES submissions (id),
  rank integer NOT NULL,
  other_id integer NOT NULL REFERENCES submissions (id),
  score real NOT NULL,
  terms text NOT NULL DEFAULT '[]' CHECK (json_valid(terms)),
  PRIMARY KEY (submission_id, rank)
) STRICT, WITHOUT ROWID;

CREATE TABLE routes (
  submission_id integer PRIMARY KEY REFERENCES submissions (id),
  decided_at integer NOT NULL,
  decided_by text NOT NULL CHECK (decided_by IN ('rule', 'model', 'person', 'none')),
  agency text NOT NULL DEFAULT '',
  score real NOT NULL DEFAULT 0,
  rule_id text NOT NULL DEFAULT '',
  rule_version integer NOT NULL DEFAULT 0,
  model_version text NOT NULL DEFAULT '',
  words text NOT NULL DEFAULT '[]' CHECK (json_valid(words)),
  candidates text NOT NULL DEFAULT '[]' CHECK (json_valid(candidates)),
  rule_errors text NOT NULL DEFAULT '[]' CHECK (json_valid(rule_errors))
) STRICT;

CREATE TABLE confirmed_routes (
  submission_id integer PRIMARY KEY REFERENCES submissions (id),
  agency text NOT NULL,
  confirmed_at integer NOT NULL
) STRICT;
CREATE INDEX confirmed_routes_newest ON confirmed_routes (confirmed_at, submission_id);

CREATE TABLE models (
  version text PRIMARY KEY,
  data blob NOT NULL,
  examples integer NOT NULL,
  trained_at integer NOT NULL,
  figures text NOT NULL DEFAULT ''
) STRICT;

-- At most one row: the model that serves.
CREATE TABLE active_model (
  slot integer PRIMARY KEY CHECK (slot = 1),
  version text NOT NULL REFERENCES models (version),
  activated_at integer NOT NULL
) STRICT;
