-- +goose Up
-- What each template was, who left it so, and when. The newest line of one is
-- what it is now.
CREATE TABLE answer_template_versions (
  id integer PRIMARY KEY AUTOINCREMENT,
  template_id integer NOT NULL REFERENCES answer_templates (id),
  agency text NOT NULL,
  name text NOT NULL,
  text text NOT NULL,
  retired integer NOT NULL DEFAULT FALSE CHECK (retired IN (0, 1)),
  changed_by integer REFERENCES users (id),
  changed_at integer NOT NULL
) STRICT;
CREATE INDEX answer_template_versions_template ON answer_template_versions (template_id, id);
INSERT INTO answer_template_versions (template_id, agency, name, text, retired, changed_by, changed_at)
SELECT id, agency, name, text, retired_at IS NOT NULL, updated_by, updated_at FROM answer_templates ORDER BY id;
