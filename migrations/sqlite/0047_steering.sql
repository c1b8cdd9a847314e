-- +goose Up
-- The figures that offices are steered by: what was settled, what came back,
-- where nobody did anything, and how old what is open is. Each is counted within
-- an index.

CREATE INDEX events_settles ON events (at, submission_id)
  WHERE from_state IN ('received', 'triage', 'assigned', 'in_progress', 'awaiting_citizen', 'in_review')
    AND to_state IN ('answered', 'closed', 'rejected', 'merged', 'withdrawn');
CREATE INDEX events_returns ON events (at, submission_id, type, actor)
  WHERE from_state IN ('answered', 'closed', 'rejected', 'merged', 'withdrawn')
    AND to_state IN ('received', 'triage', 'assigned', 'in_progress', 'awaiting_citizen', 'in_review');
-- What people did, and what a case was given by the machine.
CREATE INDEX events_acts ON events (at, submission_id)
  WHERE actor = 'staff' OR type IN ('routed', 'information_given', 'objected', 'reopened');
CREATE INDEX ratings_given ON ratings (helped, rated_at, submission_id);

DROP INDEX submissions_open_received;
CREATE INDEX submissions_open_received ON submissions (received_at, id, state, agency, due_at)
  WHERE state IN ('received', 'triage', 'assigned', 'in_progress', 'awaiting_citizen', 'in_review');
