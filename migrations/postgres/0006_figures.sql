-- +goose Up
-- What the machine decided first about each case, by time: the figures that
-- coordinators read walk this and nothing else.
CREATE INDEX events_machine ON events (at, submission_id)
  WHERE actor = 'system' AND from_state = 'received' AND type IN ('merged', 'routed', 'triaged');
