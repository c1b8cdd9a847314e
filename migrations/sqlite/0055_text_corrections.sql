-- +goose Up
-- What stood in a case before its text was put right at the request of whom the
-- data are about. The case itself holds the text as it is now.
CREATE TABLE text_corrections (
  id integer PRIMARY KEY AUTOINCREMENT,
  submission_id integer NOT NULL REFERENCES submissions (id),
  request_id integer NOT NULL REFERENCES privacy_requests (id),
  at integer NOT NULL,
  by_user integer NOT NULL REFERENCES users (id),
  reason text NOT NULL,
  title text NOT NULL,
  body text NOT NULL,
  public_title text NOT NULL,
  public_body text NOT NULL
) STRICT;
CREATE INDEX text_corrections_submission ON text_corrections (submission_id);
