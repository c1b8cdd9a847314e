-- +goose Up
-- A message to who asked about the own personal data may go by post, where no
-- mail goes or where it came back.
ALTER TABLE privacy_messages ADD COLUMN posted_at integer;
ALTER TABLE privacy_messages ADD COLUMN posted_by integer REFERENCES users (id);
-- Name and postal address, sealed, for the letter about an erasure: those of the
-- case are gone then. They are kept until it was posted, or for a short time.
ALTER TABLE privacy_messages ADD COLUMN letter_wrapped_key blob;
ALTER TABLE privacy_messages ADD COLUMN letter_sealed blob;
