-- +goose Up
-- Keyed hashes of addresses whose owners said that the child is not theirs: they
-- are not written to again, whoever names them.
CREATE TABLE guardian_refusals (
  pseudonym text PRIMARY KEY,
  refused_at integer NOT NULL
) STRICT;
