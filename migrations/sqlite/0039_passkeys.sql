-- +goose Up
-- Passkeys, and what a provider of identities needs to end its own session.

CREATE TABLE passkeys (
  id integer PRIMARY KEY AUTOINCREMENT,
  user_id integer NOT NULL REFERENCES users (id),
  -- By what the authenticator knows it.
  credential_id blob NOT NULL UNIQUE,
  -- COSE, RFC 9053.
  public_key blob NOT NULL,
  -- As the authenticator gave them last: may be backed up, is backed up.
  flags integer NOT NULL,
  -- How it can be reached, separated by spaces: usb nfc ble internal hybrid.
  transports text NOT NULL DEFAULT '',
  -- How often it signed, zero where it does not count.
  sign_count integer NOT NULL,
  -- What its owner calls it.
  name text NOT NULL,
  created_at integer NOT NULL,
  used_at integer,
  -- When its count went backwards: there may be a copy, so it opens nothing.
  doubted_at integer
) STRICT;
CREATE INDEX passkeys_user ON passkeys (user_id);

-- The identity token of a sign-in with a provider, sealed with the
-- installation's key.
ALTER TABLE sessions ADD COLUMN provider_token blob;
