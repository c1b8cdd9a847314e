-- +goose Up
-- Eight roles, tokens for programs, and two logs that only grow: who looked at
-- a sender's contact, and what was changed about accounts.

ALTER TABLE users RENAME COLUMN role TO role_before;
ALTER TABLE users ADD COLUMN role text NOT NULL DEFAULT 'officer' CHECK (role IN ('officer', 'approver', 'lead', 'coordinator', 'administrator', 'auditor', 'data_protection', 'service'));
UPDATE users SET role = role_before;
ALTER TABLE users DROP COLUMN role_before;

-- What a program may do on behalf of a service account.
CREATE TABLE service_tokens (
  id integer PRIMARY KEY AUTOINCREMENT,
  user_id integer NOT NULL REFERENCES users (id),
  name text NOT NULL,
  token_hash blob NOT NULL UNIQUE,
  -- Permissions, separated by spaces.
  scopes text NOT NULL,
  created_by integer REFERENCES users (id),
  created_at integer NOT NULL,
  expires_at integer NOT NULL,
  used_at integer,
  revoked_at integer
) STRICT;

CREATE TABLE contact_looks (
  id integer PRIMARY KEY AUTOINCREMENT,
  submission_id integer NOT NULL REFERENCES submissions (id),
  -- Empty: the system.
  user_id integer REFERENCES users (id),
  role text NOT NULL,
  -- The agency of the case at that moment.
  agency text NOT NULL DEFAULT '',
  looked_at integer NOT NULL,
  reason text NOT NULL
) STRICT;
CREATE INDEX contact_looks_submission ON contact_looks (submission_id, id);
CREATE INDEX contact_looks_user ON contact_looks (user_id, id);

CREATE TABLE account_changes (
  id integer PRIMARY KEY AUTOINCREMENT,
  user_id integer NOT NULL REFERENCES users (id),
  -- Empty: the system or a command.
  by_user integer REFERENCES users (id),
  changed_at integer NOT NULL,
  what text NOT NULL,
  detail text NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX account_changes_user ON account_changes (user_id, id);

-- +goose StatementBegin
CREATE TRIGGER contact_looks_no_update BEFORE UPDATE ON contact_looks
BEGIN SELECT RAISE(ABORT, 'this log only grows'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER contact_looks_no_delete BEFORE DELETE ON contact_looks
BEGIN SELECT RAISE(ABORT, 'this log only grows'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER account_changes_no_update BEFORE UPDATE ON account_changes
BEGIN SELECT RAISE(ABORT, 'this log only grows'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER account_changes_no_delete BEFORE DELETE ON account_changes
BEGIN SELECT RAISE(ABORT, 'this log only grows'); END;
-- +goose StatementEnd
