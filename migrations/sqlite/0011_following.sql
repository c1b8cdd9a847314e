-- +goose Up
-- Who asked to be told, apart from every submission: an address sealed under a
-- key of its own. Deleting the row erases it.
CREATE TABLE subscribers (
  id integer PRIMARY KEY AUTOINCREMENT,
  -- A pseudonym of the address, by which the same one is found again.
  pseudonym text NOT NULL UNIQUE,
  wrapped_key blob NOT NULL,
  sealed blob NOT NULL,
  language text NOT NULL CHECK (language IN ('vi', 'en')),
  created_at integer NOT NULL,
  -- When the last digest was begun.
  digest_at integer
) STRICT;

-- What somebody follows: a public case, or a search. Nothing is told before the
-- address was confirmed.
CREATE TABLE follows (
  id integer PRIMARY KEY AUTOINCREMENT,
  subscriber_id integer NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
  submission_id integer REFERENCES submissions (id),
  query text NOT NULL DEFAULT '',
  created_at integer NOT NULL,
  confirmed_at integer,
  CHECK ((submission_id IS NULL) = (query <> ''))
) STRICT;
CREATE UNIQUE INDEX follows_case ON follows (subscriber_id, submission_id) WHERE submission_id IS NOT NULL;
CREATE UNIQUE INDEX follows_search ON follows (subscriber_id, query) WHERE submission_id IS NULL;
CREATE INDEX follows_of_case ON follows (submission_id, id) WHERE submission_id IS NOT NULL;
CREATE INDEX follows_searches ON follows (id) WHERE submission_id IS NULL AND confirmed_at IS NOT NULL;
CREATE INDEX follows_unconfirmed ON follows (created_at) WHERE confirmed_at IS NULL;

-- What there is to tell, once each: what names the step of the case.
CREATE TABLE follow_news (
  id integer PRIMARY KEY AUTOINCREMENT,
  follow_id integer NOT NULL REFERENCES follows (id) ON DELETE CASCADE,
  subscriber_id integer NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
  submission_id integer NOT NULL REFERENCES submissions (id),
  what text NOT NULL,
  digest integer NOT NULL CHECK (digest IN (0, 1)),
  created_at integer NOT NULL,
  told_at integer,
  UNIQUE (follow_id, submission_id, what)
) STRICT;
CREATE INDEX follow_news_subscriber ON follow_news (subscriber_id);
CREATE INDEX follow_news_waiting ON follow_news (subscriber_id, id) WHERE told_at IS NULL AND digest = 1;
