-- +goose Up
-- What is rare among the open cases is found without looking through them: what
-- was handed on by an agency, and what is urgent.

CREATE INDEX submissions_open_handed_on ON submissions (due_at, id, state, agency, handovers)
  WHERE state IN ('received', 'triage', 'assigned', 'in_progress', 'awaiting_citizen', 'in_review') AND handovers > 0;
CREATE INDEX submissions_open_urgent ON submissions (due_at, id, state, agency)
  WHERE state IN ('received', 'triage', 'assigned', 'in_progress', 'awaiting_citizen', 'in_review') AND urgent;

-- +goose Down
DROP INDEX submissions_open_urgent;
DROP INDEX submissions_open_handed_on;
