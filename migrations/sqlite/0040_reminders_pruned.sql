-- +goose Up
-- What is over is deleted, the oldest first: mails to staff that were sent, and
-- steps of cases that are not open any more.
CREATE INDEX staff_mails_settled ON staff_mails (settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX deadline_prompts_reached ON deadline_prompts (reached_at);
CREATE INDEX prompt_mails_prompt ON prompt_mails (prompt_id);
