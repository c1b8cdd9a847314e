-- +goose Up
-- How people come in: links by mail, second factors, keys, other providers,
-- and the sessions that they can end.

ALTER TABLE users ADD COLUMN signed_in_at integer;
ALTER TABLE sessions ADD COLUMN device text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN how text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN proved_at integer;

-- A link in a mail: an invitation or a new password. The token is made of the
-- nonce and the installation's key, so that what lies here opens nothing.
CREATE TABLE account_links (
  token_hash blob PRIMARY KEY,
  -- Empty: asked for an address that nobody has.
  user_id integer REFERENCES users (id),
  purpose text NOT NULL CHECK (purpose IN ('invite', 'reset')),
  created_at integer NOT NULL,
  expires_at integer NOT NULL,
  used_at integer
) STRICT;
CREATE INDEX account_links_user ON account_links (user_id);

-- A mail to a member of staff about the own account.
CREATE TABLE account_mails (
  id integer PRIMARY KEY AUTOINCREMENT,
  user_id integer REFERENCES users (id),
  kind text NOT NULL,
  nonce text NOT NULL DEFAULT '',
  detail text NOT NULL DEFAULT '',
  state text NOT NULL CHECK (state IN ('queued', 'sent', 'not_sent')),
  reason text NOT NULL DEFAULT '',
  created_at integer NOT NULL,
  settled_at integer
) STRICT;
CREATE INDEX account_mails_user ON account_mails (user_id, kind, created_at);

-- The secret of an authenticator app, sealed with the installation's key.
CREATE TABLE totp_secrets (
  user_id integer PRIMARY KEY REFERENCES users (id),
  sealed blob NOT NULL,
  created_at integer NOT NULL,
  -- Empty until a first code proved that the app has it.
  confirmed_at integer,
  -- The step of the last code that was taken: none is taken twice.
  last_step integer NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE recovery_codes (
  user_id integer NOT NULL REFERENCES users (id),
  code_hash blob NOT NULL,
  used_at integer,
  PRIMARY KEY (user_id, code_hash)
) STRICT;

-- Who somebody is with another provider of identities.
CREATE TABLE identities (
  issuer text NOT NULL,
  subject text NOT NULL,
  user_id integer NOT NULL REFERENCES users (id),
  linked_at integer NOT NULL,
  PRIMARY KEY (issuer, subject)
) STRICT;
CREATE INDEX identities_user ON identities (user_id);

-- What a sign-in of more than one step waits for, for minutes.
CREATE TABLE sign_in_steps (
  token_hash blob PRIMARY KEY,
  kind text NOT NULL,
  user_id integer REFERENCES users (id),
  data text NOT NULL DEFAULT '',
  expires_at integer NOT NULL
) STRICT;
CREATE INDEX sign_in_steps_expiry ON sign_in_steps (expires_at);
