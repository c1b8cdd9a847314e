-- +goose Up
-- How submissions came in, counted over a span of time within the index.
CREATE INDEX submissions_arrivals ON submissions (received_at, channel);
