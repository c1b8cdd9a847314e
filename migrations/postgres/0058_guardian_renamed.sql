-- +goose Up
-- When a child named this guardian in the place of another, whose address was
-- mistyped or whose message came back.
ALTER TABLE guardians ADD COLUMN named_at timestamptz;
